using Microsoft.Extensions.Logging;

namespace Unlearn.Hosting;

/// <summary>What the labeling writes to its log.</summary>
internal static partial class LabelingMessages
{
    [LoggerMessage(LogLevel.Information, "Labels rows with the ledger '{Ledger}'.")]
    public static partial void Begins(ILogger logger, string ledger);

    [LoggerMessage(LogLevel.Information, "Labeled {Rows} rows. {Detail}")]
    public static partial void Labeled(ILogger logger, long? rows, string detail);

    [LoggerMessage(LogLevel.Error, "The rows cannot be labeled. It is tried again when the service starts anew.")]
    public static partial void Failed(ILogger logger, Exception cause);

    [LoggerMessage(LogLevel.Error, "The rows could not be labeled. It is tried again in {Interval}.")]
    public static partial void TriesAgain(ILogger logger, TimeSpan interval, Exception cause);
}
