//! clap speaks English; this makes its help and its errors Chinese, for every subcommand there is and will be.

use std::{error::Error as _, process::exit};

use clap::{
    Arg, Command, CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue, Error, ErrorKind},
};

use super::Cli;

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// Reads the command line; help, version and errors are printed and end the process.
pub fn parse() -> Cli {
    let mut command = command();
    let error = match command.try_get_matches_from_mut(std::env::args_os()) {
        Ok(matches) => match Cli::from_arg_matches(&matches) {
            Ok(cli) => return cli,
            Err(error) => error,
        },
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            error.exit()
        }
        _ => {
            eprintln!("出错：{}", say(&error));
            exit(2)
        }
    }
}

/// The whole command line with Chinese headings.
pub fn command() -> Command {
    let mut command = Cli::command();
    // Now, so that the help flags and the global settings stand in every subcommand.
    command.build();
    in_chinese(command)
}

fn in_chinese(mut command: Command) -> Command {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().replace("[OPTIONS]", "[选项]").replace("<COMMAND>", "<命令>");
    command
        .override_usage(usage)
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .mut_args(argument)
        .mut_subcommands(in_chinese)
}

/// Headings, defaults and variables in Chinese; clap's own English notes are hidden.
fn argument(arg: Arg) -> Arg {
    let heading = match arg.get_id().as_str() {
        // What holds for every command stands apart from what this one asks for.
        "help" => "其他",
        "version" if prints_version(&arg) => "其他",
        _ if arg.is_global_set() => "通用选项",
        _ if arg.is_positional() => "参数",
        _ => "选项",
    };
    let mut help = match arg.get_id().as_str() {
        "help" => "显示帮助".to_owned(),
        "version" if prints_version(&arg) => "显示版本".to_owned(),
        _ => arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default(),
    };
    let flag = !arg.get_action().takes_values();
    let default: Vec<String> = arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
    if !flag && !default.is_empty() {
        help.push_str(&format!("〔默认 {}〕", default.join(" ")));
    }
    if let Some(variable) = arg.get_env() {
        help.push_str(&format!("〔环境变量 {}〕", variable.to_string_lossy()));
    }
    arg.help(help.clone())
        .long_help(help)
        .help_heading(heading)
        .hide_default_value(true)
        .hide_possible_values(true)
        .hide_env(true)
}

/// The flag that clap makes by itself; a command may have a version of its own to ask for.
fn prints_version(arg: &Arg) -> bool {
    matches!(arg.get_action(), clap::ArgAction::Version)
}

fn say(error: &Error) -> String {
    let told = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(s)) => s.clone(),
        Some(ContextValue::Strings(s)) => s.join("、"),
        Some(ContextValue::StyledStr(s)) => s.to_string(),
        _ => String::new(),
    };
    let (arg, value) = (told(ContextKind::InvalidArg), told(ContextKind::InvalidValue));
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("不认识的参数“{arg}”"),
        ErrorKind::InvalidSubcommand => format!("不认识的命令“{}”", told(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "没有写明命令".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("缺少参数 {arg}"),
        ErrorKind::ArgumentConflict => format!("参数 {arg} 不能与 {} 同时使用", told(ContextKind::PriorArg)),
        ErrorKind::InvalidValue if value.is_empty() => format!("参数 {arg} 缺少值"),
        ErrorKind::InvalidValue => {
            format!("参数 {arg} 的值“{value}”不对；可用：{}", told(ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => match error.source() {
            Some(why) => format!("参数 {arg} 的值“{value}”不对：{}", reason(&why.to_string())),
            None => format!("参数 {arg} 的值“{value}”不对"),
        },
        ErrorKind::TooManyValues => format!("多余的值“{value}”"),
        ErrorKind::NoEquals => format!("参数 {arg} 须用等号写明值"),
        ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => format!("参数 {arg} 的值的个数不对"),
        ErrorKind::InvalidUtf8 => "参数不是 UTF-8 编码的文字".to_owned(),
        _ => error.to_string(),
    };
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand].map(told).concat();
    let near = if near.is_empty() { String::new() } else { format!("；是否想写“{near}”？") };
    format!("{what}{near}\n用 --help 查看用法")
}

/// Why a value was not taken, as far as the standard library says it in English.
fn reason(why: &str) -> String {
    match why.split_once(" is not in ") {
        Some((_, range)) => format!("须在 {range} 之内"),
        None if why.contains("invalid digit") => "须为整数".to_owned(),
        None if why.contains("invalid socket address") => "应为“地址:端口”，如 127.0.0.1:8080".to_owned(),
        None => why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks every subcommand, so that a new one cannot speak English.
    fn every(command: &Command, look: &mut impl FnMut(&Command)) {
        look(command);
        command.get_subcommands().for_each(|c| every(c, look));
    }

    #[test]
    fn every_help_is_chinese() {
        every(&command(), &mut |command| {
            let help = command.clone().render_long_help().to_string();
            for english in ["Usage", "Options:", "Commands:", "Arguments:", "Print ", "[default", "[env", "[possible"] {
                assert!(!help.contains(english), "{}: {english}\n{help}", command.get_name());
            }
            assert!(help.contains("用法："), "{help}");
            for arg in command.get_arguments() {
                let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
                let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert!(chinese, "{} --{}: no Chinese help", command.get_name(), arg.get_id());
            }
        });
    }

    fn error(args: &[&str]) -> String {
        say(&command().try_get_matches_from(args).unwrap_err())
    }

    #[test]
    fn errors_are_chinese() {
        assert!(error(&["jiesu", "due", "--bogus"]).starts_with("不认识的参数“--bogus”"));
        assert!(error(&["jiesu", "rehearce"]).contains("不认识的命令“rehearce”；是否想写“rehearse”"));
        assert!(error(&["jiesu", "due"]).contains("缺少参数"));
        assert!(error(&["jiesu", "bench", "all", "--seconds", "0"]).contains("须在 1..=600 之内"));
        assert!(error(&["jiesu", "bench", "none"]).contains("可用：deadlines、decisions"));
        assert!(error(&["jiesu", "due", "--cases", "a", "--kind", "help"]).contains("同时使用"));
    }
}
