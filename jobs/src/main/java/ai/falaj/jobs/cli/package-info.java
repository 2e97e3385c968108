/**
 * The command line. {@link ai.falaj.jobs.cli.Falaj} is the root; each command is a class that
 * extends {@link ai.falaj.jobs.cli.FalajCommand} and speaks through {@link
 * ai.falaj.jobs.cli.Console}. Exit codes are in {@link ai.falaj.jobs.cli.ExitCodes}; a user's
 * mistake is a {@link ai.falaj.jobs.cli.CliException} and one line.
 */
package ai.falaj.jobs.cli;
