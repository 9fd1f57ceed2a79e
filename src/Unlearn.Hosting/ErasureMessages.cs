using Microsoft.Extensions.Logging;

namespace Unlearn.Hosting;

/// <summary>What the service writes to its log.</summary>
internal static partial class ErasureMessages
{
    [LoggerMessage(LogLevel.Information, "Opened the workspace of erasures '{Folder}' with {Rows} rows and {Requests} requests.")]
    public static partial void Opened(ILogger logger, string folder, int rows, int requests);

    [LoggerMessage(LogLevel.Information, "Accepted erasure request '{Request}' of {Rows} rows: {Method}. {Reason}")]
    public static partial void Accepted(ILogger logger, string request, int rows, string method, string reason);

    [LoggerMessage(LogLevel.Information, "Erasure request '{Request}' is {State} by {Method}.")]
    public static partial void Served(ILogger logger, string request, string state, string method);

    [LoggerMessage(LogLevel.Error, "Erasure request '{Request}' could not be served. It is tried again when the service starts anew.")]
    public static partial void Failed(ILogger logger, string request, Exception cause);

    [LoggerMessage(LogLevel.Error, "The erasure service could not do its work. It tries again in {Interval}.")]
    public static partial void TriesAgain(ILogger logger, TimeSpan interval, Exception cause);

    [LoggerMessage(LogLevel.Information, "Removed erased rows from {Files} files that were derived from them.")]
    public static partial void Purged(ILogger logger, int files);
}
