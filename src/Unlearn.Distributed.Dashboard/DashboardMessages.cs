using Microsoft.Extensions.Logging;

namespace Unlearn.Distributed.Dashboard;

/// <summary>What the dashboard logs.</summary>
internal static partial class DashboardMessages
{
    [LoggerMessage(LogLevel.Warning, "The dashboard cannot show its jobs: {Reason}")]
    public static partial void CannotShow(ILogger logger, string reason);
}
