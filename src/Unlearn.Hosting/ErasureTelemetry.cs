using System.Diagnostics;
using System.Diagnostics.Metrics;
using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>Meters and activities of one service, all named <c>Unlearn</c>.</summary>
internal sealed class ErasureTelemetry : IDisposable
{
    public const string Name = "Unlearn";

    private static readonly ActivitySource Activities = new(Name);

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _failedAudits;
    private readonly Histogram<double> _seconds;

    /// <param name="requests">The requests as they are known.</param>
    public ErasureTelemetry(Func<IEnumerable<ErasureStatus>> requests)
    {
        _failedAudits = _meter.CreateCounter<long>("unlearn.erasure.audits.failed", "{audit}", "Audits that failed, so that the next method was tried.");
        _seconds = _meter.CreateHistogram<double>("unlearn.erasure.duration", "s", "Seconds from the start of unlearning to the certificate, audits included.");
        _meter.CreateObservableUpDownCounter("unlearn.erasure.requests", () => Enum.GetValues<ErasureState>().Select(
            state => new Measurement<int>(requests().Count(request => request.State == state), new KeyValuePair<string, object?>("state", $"{state}"))),
            "{request}", "Requests by state.");
    }

    /// <summary>Begins an activity: <c>plan</c>, <c>execute</c> or <c>retrain</c>.</summary>
    public static Activity? Start(string activity, string? requestId = null) => Activities.StartActivity(activity)?.SetTag("unlearn.request", requestId);

    /// <summary>Counts what became of requests.</summary>
    /// <param name="results">The results, none if nothing was done.</param>
    /// <param name="time">How long it took.</param>
    public void Record(IReadOnlyList<ErasureResult> results, TimeSpan time)
    {
        if (results.Count == 0)
            return;
        _failedAudits.Add(results.Sum(result => result.Audits.Count(audit => !audit.Passed)));
        if (results.Any(result => result.State == ErasureState.Completed))
            _seconds.Record(time.TotalSeconds, new KeyValuePair<string, object?>("method", results[^1].Method));
    }

    public void Dispose() => _meter.Dispose();
}
