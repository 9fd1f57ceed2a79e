namespace Unlearn.Cli.Terminal;

/// <summary>What a command's exit code says; docs/cli.md lists them.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>Data, model, folder or machine do not allow it; the message says what to do.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the options file is wrong: nothing was read.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by Ctrl+C; by another signal, 128 and its number: 143 for SIGTERM.</summary>
    public const int Stopped = 130;
}
