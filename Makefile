# 有家: make demo 启动演示,make test 运行全部测试;只需要 Python ≥ 3.11 和 make。
# 可选变量:PORT(默认 8000)、PYTHON(解释器)、WORKERS(测试进程数)、PYTEST_ARGS。

PORT ?= 8000
PYTHON ?=
WORKERS ?= 2
PYTEST_ARGS ?=
UPGRADE ?=

VENV := .venv
RUN := $(VENV)/bin/python
UV_LOCK := $(RUN) -m uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--custom-compile-command "make lock"

# Compiled modules are kept, whatever the shell says: else every process of the portal and of the tests compiles all anew.
export PYTHONDONTWRITEBYTECODE :=

.DELETE_ON_ERROR:
.PHONY: help setup demo test lint format lock matrix faults clean

help:
	@echo "make demo [PORT=8000]  启动演示系统(首次会自动安装所需组件),按 Ctrl-C 停止"
	@echo "make test              运行代码检查和全部测试"
	@echo "make setup             只准备运行环境"
	@echo "make lint | format     检查 | 整理代码格式"
	@echo "make matrix | faults   只运行权限矩阵 | 故障测试"
	@echo "make lock              重新锁定依赖版本(UPGRADE=--upgrade 同时升级)"
	@echo "make clean             删除运行环境和缓存(不删除 var/ 中的数据)"

setup: $(VENV)/.demo

# exec: so that a signal to make reaches the launcher itself and not a shell between the two.
demo: $(VENV)/.demo
	@PORT="$(PORT)" exec $(RUN) -m portal.launch

test: lint
	@$(RUN) -m pytest -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

lint: $(VENV)/.dev
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy portal members contacts activities checkin

format: $(VENV)/.dev
	@$(RUN) -m ruff check --fix-only . && $(RUN) -m ruff format .

matrix: $(VENV)/.dev
	@$(RUN) -m pytest -n $(WORKERS) --dist loadgroup -m matrix $(PYTEST_ARGS)

faults: $(VENV)/.dev
	@$(RUN) -m pytest -m faults $(PYTEST_ARGS)

lock: $(VENV)/.dev
	@$(UV_LOCK) $(UPGRADE) requirements/bootstrap.in -o requirements/bootstrap.txt
	@$(UV_LOCK) $(UPGRADE) --extra embedded pyproject.toml -o requirements/demo.txt
	@$(UV_LOCK) $(UPGRADE) --constraints requirements/demo.txt --extra embedded --extra dev pyproject.toml -o requirements/dev.txt

clean:
	@rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis htmlcov .coverage test-results
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# --- the environment ---------------------------------------------------------------------------------------------

$(VENV)/.demo: requirements/bootstrap.txt requirements/demo.txt
	@$(make_venv)
	@list=requirements/demo.txt; $(install)
	@touch $@

$(VENV)/.dev: requirements/bootstrap.txt requirements/dev.txt
	@$(make_venv)
	@list=requirements/dev.txt; $(install)
	@touch $@ $(VENV)/.demo

# The interpreter asked for its own real place, because a shim (pyenv) must not become the base of an environment.
# 3.11 and 3.12 first: for them a wheel brings redis-server along.
define make_venv
set -e; \
if [ -x $(RUN) ] && $(RUN) -m pip --version >/dev/null 2>&1; then exit 0; fi; \
found=""; without_venv=""; \
for name in $(if $(PYTHON),"$(PYTHON)",python3.12 python3.11 python3 python3.13 python3.14); do \
	real=$$("$$name" -c 'import sys; assert sys.version_info >= (3, 11); print(sys._base_executable)' 2>/dev/null) || continue; \
	if "$$real" -c 'import ensurepip, venv' 2>/dev/null; then found=$$real; break; fi; \
	without_venv=$${without_venv:-$$real}; \
done; \
if [ -z "$$found" ] && [ -n "$$without_venv" ]; then \
	version=$$("$$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	echo "Python 缺少 venv 组件:请先执行 sudo apt-get install python$$version-venv,然后重新运行。" >&2; \
	exit 1; \
fi; \
if [ -z "$$found" ]; then \
	echo "没有找到 Python 3.11 或更新的版本:请先执行 sudo apt-get install python3 python3-venv,或用 make PYTHON=路径 指定。" >&2; \
	exit 1; \
fi; \
echo "正在准备运行环境……"; \
"$$found" -m venv --clear $(VENV)
endef

# uv is quicker; pip is the fallback. Both check every hash. uv does not read pip's settings, so a mirror named there
# is handed to it.
define install
set -e; \
echo "正在安装所需组件,首次约需一两分钟……"; \
pip="$(RUN) -m pip --disable-pip-version-check"; \
mirror=$${UV_DEFAULT_INDEX:-$${UV_INDEX_URL:-$${PIP_INDEX_URL:-$$($$pip config get global.index-url 2>/dev/null || true)}}}; \
if $$pip install --quiet --require-hashes -r requirements/bootstrap.txt \
	&& env $${mirror:+UV_DEFAULT_INDEX="$$mirror"} $(RUN) -m uv pip install --quiet --python $(RUN) --require-hashes -r $$list; \
then exit 0; fi; \
echo "改用 pip 安装……"; \
if ! $$pip install --quiet --require-hashes -r $$list; then \
	echo "组件没有安装成功:请检查网络或软件源设置后重新运行。" >&2; exit 1; \
fi
endef
