using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Unlearn.Hosting;

/// <summary>Makes the <see cref="MLContext"/> of a service.</summary>
internal static partial class ServiceContext
{
    /// <summary>Makes a context whose messages go to the logger <c>Microsoft.ML</c>.</summary>
    /// <param name="loggers">Makes the logger.</param>
    public static MLContext Create(ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger("Microsoft.ML");
        var context = new MLContext();
        context.Log += (_, message) => Pass(log, message);
        return context;
    }

    // Its traces are many.
    private static void Pass(ILogger logger, LoggingEventArgs message)
    {
        var level = message.Kind switch
        {
            ChannelMessageKind.Error => LogLevel.Error,
            ChannelMessageKind.Warning => LogLevel.Warning,
            ChannelMessageKind.Info => LogLevel.Information,
            _ => LogLevel.Trace,
        };
        if (logger.IsEnabled(level))
            MLNet(logger, level, message.Source, message.RawMessage);
    }

    [LoggerMessage(EventName = "MLNet", Message = "{Source}: {Text}")]
    private static partial void MLNet(ILogger logger, LogLevel level, string source, string text);
}
