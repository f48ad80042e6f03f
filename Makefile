# One word per task, the same here and in the workflows.
PYTHON := .venv/bin/python
export PYTHONPATH := .:libs/flask_core:libs/waddlebot

.PHONY: run chat test check lock bench chaos e2e-containers images doctor

# The interpreter that .python-version asks for: whatever python3.13 the machine has.
.venv/run: requirements/run.txt
	@./libs/waddlebot/environment.sh requirements/run.txt
	@touch $@

.venv/all: requirements/all.txt
	@./libs/waddlebot/environment.sh requirements/all.txt
	@touch $@ .venv/run

run: .venv/run
	@$(PYTHON) -m waddlebot up

chat: .venv/run
	@$(PYTHON) -m waddlebot chat

doctor: .venv/run
	@$(PYTHON) -m waddlebot doctor

test: .venv/all
	@$(PYTHON) -m waddlebot check
	@$(PYTHON) -m pytest -n 4 --cov --cov-config=pyproject.toml --cov-report=term:skip-covered

check: .venv/all
	@$(PYTHON) -m waddlebot check

lock: .venv/all
	@PATH=.venv/bin:$$PATH $(PYTHON) -c "from waddlebot.locking import lock_all; from waddlebot.tree import root; lock_all(root())"

bench: .venv/all
	@$(PYTHON) -m benchmarks.bench

chaos: .venv/all
	@$(PYTHON) -m benchmarks.chaos

images:
	@./test_build_all.sh

e2e-containers: .venv/all
	@$(PYTHON) -m benchmarks.e2e_containers
