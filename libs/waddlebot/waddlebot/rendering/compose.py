"""docker-compose.yml and the gateway's routes, one service per module folder."""

from __future__ import annotations

from collections.abc import Sequence

from flask_core.app_factory import ModuleInfo

_HEAD = """\
# Derived from the module folders by: waddlebot render
name: waddlebot

x-module: &module
  restart: unless-stopped
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  mem_limit: 256m
  stop_grace_period: 15s
  depends_on:
    secrets: {condition: service_completed_successfully}
    postgres: {condition: service_healthy}
    redis: {condition: service_healthy}
  volumes:
    - secrets:/run/waddlebot:ro
    - logs:/var/log/waddlebotlog

x-environment: &environment
  WADDLEBOT_SECRETS_FILE: /run/waddlebot/secrets.env
  REDIS_URL: redis://redis:6379/0
  PUBLIC_URL: ${PUBLIC_URL:-http://localhost:8080}
  LOG_LEVEL: ${LOG_LEVEL:-INFO}
  LOG_FORMAT: ${LOG_FORMAT:-text}
"""

_SERVICES = """\

services:
  # Makes the secrets of this installation at the first start; later starts find them.
  secrets:
    image: waddlebot/router:${VERSION:-local}
    user: "0"
    network_mode: none
    command: [python, -m, flask_core.local_secrets, /run/waddlebot]
    volumes:
      - secrets:/run/waddlebot
    healthcheck: {disable: true}
  postgres:
    image: postgres:17
    restart: unless-stopped
    environment:
      POSTGRES_USER: waddlebot
      POSTGRES_DB: waddlebot
      POSTGRES_PASSWORD_FILE: /run/waddlebot/postgres
    command: [postgres, -c, max_connections=200]
    depends_on:
      secrets: {condition: service_completed_successfully}
    volumes:
      - postgres:/var/lib/postgresql/data
      - secrets:/run/waddlebot:ro
    healthcheck:
      test: [CMD-SHELL, pg_isready -U waddlebot]
      interval: 3s
      timeout: 3s
      retries: 20
  redis:
    image: redis:8
    restart: unless-stopped
    command: [redis-server, --appendonly, "yes", --appendfsync, everysec, --maxmemory-policy, noeviction]
    volumes:
      - redis:/data
    healthcheck:
      test: [CMD, redis-cli, ping]
      interval: 3s
      timeout: 3s
      retries: 20
  gateway:
    image: caddy:2
    restart: unless-stopped
    ports:
      - "${BIND:-127.0.0.1}:${HTTP_PORT:-8080}:8080"
    volumes:
      - ./deploy/Caddyfile:/etc/caddy/Caddyfile:ro
    depends_on:
      portal: {condition: service_healthy}
"""

_FILES = """\
    volumes:
      - secrets:/run/waddlebot:ro
      - logs:/var/log/waddlebotlog
      - {name}_files:/data
"""

_TAIL = """\

volumes:
  secrets:
  logs:
  postgres:
  redis:
"""


def compose(infos: Sequence[ModuleInfo]) -> str:
    """The whole file."""
    urls = "".join(f"  {i.name.upper()}_SERVICE_URL: http://{i.name}:{i.port}\n" for i in infos)
    files = "".join(f"  {info.name}_files:\n" for info in infos if info.keeps_files)
    return _HEAD + urls + _SERVICES + "".join(_service(info) for info in infos) + _TAIL + files


def _service(info: ModuleInfo) -> str:
    # A list of YAML cannot be added to, so that it stands here once more.
    volumes = _FILES.format(name=info.name) if info.keeps_files else ""
    return f"""\
  {info.name}:
    <<: *module
    image: waddlebot/{info.name}:${{VERSION:-local}}
    build:
      context: .
      dockerfile: {info.folder.name}/Dockerfile
    environment:
      <<: *environment
      BASE_URL: http://{info.name}:{info.port}
    env_file:
      - path: .env
        required: false
{volumes}"""


def caddyfile(infos: Sequence[ModuleInfo]) -> str:
    """What is public goes to its module; everything else is the portal's."""
    ports = {info.name: info.port for info in infos}
    lines = ["# Derived from the module folders by: waddlebot render", ":8080 {"]
    for info in infos:
        if info.public:
            lines += [
                f"\t@{info.name} path {' '.join(info.public)}",
                f"\treverse_proxy @{info.name} {info.name}:{info.port}",
            ]
    lines += [f"\treverse_proxy portal:{ports.get('portal', 8080)}", "}"]
    return "\n".join(lines) + "\n"
