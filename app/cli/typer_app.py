"""The same commands through typer: help, completion, and a sentence for every wrong call."""

from __future__ import annotations

import inspect
import sys
from typing import Annotated, Any

import typer

from app import __version__
from app.cli.commands import COMMANDS
from app.cli.run import invoke
from app.cli.spec import Command, Option

_EPILOG = "Everything stays on this machine: Cuenta opens no network connection."


def run(words: list[str]) -> int:
    """Exit status of the command line; 2 for wrong usage."""
    app = typer.Typer(
        name="cuenta",
        help="What your coding agents cost. Without a command: the tray app.",
        no_args_is_help=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        epilog=_EPILOG,
    )
    app.callback(invoke_without_command=True)(_root)
    chosen: list[tuple[Command, dict[str, Any]]] = []
    for command in COMMANDS:
        app.command(command.name, help=command.help)(_function(command, chosen))
    noting = sys.excepthook
    try:
        app(args=words, prog_name="cuenta")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if status or not chosen:
            return status
    finally:
        sys.excepthook = noting  # typer sets its own, which notes nothing for the next start
    # Out here, since in there a gone reader (`| head`) and Ctrl-C would end with 1.
    return invoke(*chosen[0]) if chosen else 0


def _root(
    context: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Made-up logs in a temporary database.")] = False,
    at_login: Annotated[bool, typer.Option("--at-login", help="Wait silently for a tray.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"cuenta {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)
    context.obj = demo


def _function(command: Command, chosen: list[tuple[Command, dict[str, Any]]]) -> Any:
    """A function with the signature that typer reads its parameters from."""

    def call(context: typer.Context, **values: Any) -> None:
        for option in command.options:
            if option.many:
                values[option.name] = list(values[option.name] or ())
        if "demo" in values:
            values["demo"] = values["demo"] or bool(context.obj)
        chosen.append((command, values))

    parameters = [inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)]
    # Arguments first: Python allows no parameter without a default behind one with.
    parameters += [_parameter(option) for option in sorted(command.options, key=lambda one: not one.argument)]
    call.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
    call.__annotations__ = {one.name: one.annotation for one in parameters}
    call.__name__ = command.name
    return call


def _parameter(option: Option) -> inspect.Parameter:
    kind: Any = list[option.kind] if option.many else option.kind if option.kind is bool else option.kind | None
    if option.argument and option.optional:
        annotation = Annotated[kind, typer.Argument(help=option.help, metavar=option.metavar)]
        return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=None)
    if option.argument:
        annotation = Annotated[option.kind, typer.Argument(help=option.help, metavar=option.metavar)]
        return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
    names = (f"{option.flag}/{option.off}",) if option.off else (option.flag,)
    annotation = Annotated[kind, typer.Option(*names, help=option.help, metavar=option.metavar)]
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=option.initial)
