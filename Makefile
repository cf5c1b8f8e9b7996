# Every target is a script in scripts/ that can also be called by itself. 每个目标都是 scripts/ 下可单独运行的脚本。
.DEFAULT_GOAL := help
.PHONY: help run test setup-run setup-test fmt screenshots

help: ## 列出可用命令 list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  make test STEP=名称   只跑一步 run one step: $$(scripts/test.sh --list)"

run: ## 构建并启动演示热线中心 build and start a demo centre (JIESU_LISTEN=地址:端口)
	@scripts/run.sh

test: ## 安装所缺、检查、跑全部测试 install what is missing, run every check
	@scripts/test.sh $(STEP)

setup-run: ## 只安装 make run 所需 install what `make run` needs
	@scripts/setup.sh run

setup-test: ## 只安装 make test 所需 install what `make test` needs
	@scripts/setup.sh test

fmt: ## 整理代码格式 format the code
	@scripts/fmt.sh

screenshots: ## 用运行中的程序重拍文档截图 retake the screenshots from the running program
	@scripts/screenshots.sh
