namespace Unlearn.Cli.Terminal;

/// <summary>The command line or the options file is wrong.</summary>
/// <param name="message">What is wrong, and the remedy.</param>
internal sealed class UsageException(string message) : Exception(message);
