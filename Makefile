# One word per task, the same here and in the workflows.
PYTHON := .venv/bin/python
export PYTHONPATH := .:libs/flask_core:libs/waddlebot

# Thousands of tests with real servers share a few cores. What failed is tried once more, with the machine for itself;
# a test that only passes then is named by the first run, and is a fault to be mended all the same.
AGAIN = { echo "Once more, one by one:"; $(PYTHON) -m pytest -q --last-failed --last-failed-no-failures none; }

.PHONY: run chat test check scan lock images doctor screenshots bench bench-platforms chaos outages fuzz fuzz-evaluator fuzz-scripts e2e-containers

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
	@$(PYTHON) -m pytest -n 4 --cov --cov-config=pyproject.toml --cov-report=term:skip-covered || $(AGAIN)

check: .venv/all
	@$(PYTHON) -m waddlebot check

lock: .venv/all
	@PATH=.venv/bin:$$PATH $(PYTHON) -c "from waddlebot.locking import lock_all; from waddlebot.tree import root; lock_all(root())"

# What a stranger could misuse: our code, our workflows, our scripts and our images' recipes.
# Composed SQL (B608) is watched by ruff, which knows in which files it may stand.
scan: .venv/all
	@.venv/bin/bandit -q -r libs/flask_core/flask_core libs/waddlebot/waddlebot *_module_flask -x '*/tests/*,*/testing/*' -ll --skip B608
	@.venv/bin/zizmor --offline --quiet --config .github/zizmor.yml .github/workflows
	@.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv/bin/shellcheck *.sh deploy/*.sh libs/waddlebot/environment.sh .ci/run
	@.venv/bin/hadolint --ignore DL3008 --ignore DL3042 */Dockerfile

images:
	@./test_build_all.sh

# Slow proofs. Each prints `name: value` lines and writes them to benchmarks/results/.
bench: .venv/all
	@$(PYTHON) -m benchmarks.bench $(only)

bench-platforms: .venv/all
	@$(PYTHON) -m benchmarks.platforms_twitch
	@$(PYTHON) -m benchmarks.platforms_slack
	@$(PYTHON) -m benchmarks.platforms_discord

chaos: .venv/all
	@$(PYTHON) -m benchmarks.chaos

outages: .venv/all
	@$(PYTHON) -m benchmarks.outages

# seconds=3600 for an hour of each.
fuzz: fuzz-evaluator fuzz-scripts

# What is written and typed must never raise, run away, or begin a line for a viewer.
fuzz-evaluator: .venv/all
	@$(PYTHON) -m benchmarks.fuzz_evaluator $(or $(seconds),60)

# What viewers type must never be code: random scripts around hostile values, for so many seconds.
fuzz-scripts: .venv/all
	@$(PYTHON) -m benchmarks.fuzz_scripts $(or $(seconds),60)

e2e-containers: .venv/all
	@$(PYTHON) -m benchmarks.e2e_containers

# Pictures of every page into screenshots/, to look at; only=home takes those that begin so.
screenshots: .venv/all
	@$(PYTHON) -m tests.screenshots $(only)
