using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.ML;
using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>
/// Labels the rows of one data view by how hard they are to unlearn, once for the life of the host. The background service does the work. All members are for
/// any number of threads.
/// </summary>
public sealed class LabelingService : IDisposable
{
    private readonly ILabelingData _data;
    private readonly LabelingServiceOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly MLContext _mlContext;
    private readonly ActivitySource _activities = new(ErasureTelemetry.Name);
    private readonly Meter _meter = new(ErasureTelemetry.Name);
    private readonly Counter<long> _failures;
    private readonly TaskCompletionSource<IDataView> _labels = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile Reported? _progress;
    private volatile Exception? _failure;

    /// <summary>Creates the service; the container does. Nothing is read yet.</summary>
    /// <param name="data">Gives recipe and rows.</param>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes the loggers: one of this class, and <c>Microsoft.ML</c>, which gets what <see cref="MLContext.Log"/> tells.</param>
    public LabelingService(ILabelingData data, IOptions<LabelingServiceOptions> options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_data, _options, _time, _log) = (data, options.Value, time, loggers.CreateLogger<LabelingService>());
        _mlContext = ServiceContext.Create(loggers);
        _failures = _meter.CreateCounter<long>("unlearn.labeling.failures", "{failure}", "Labelings that an error ended.");
        _meter.CreateObservableGauge("unlearn.labeling.trials", FinishedTrials, "{trial}", "Finished trials, those of earlier processes included.");
    }

    /// <summary>How far the labeling is; <see langword="null"/> before its first step.</summary>
    public StudyProgress? Progress => _progress?.Value;

    /// <summary>What ended the last attempt; <see langword="null"/> while all is well.</summary>
    public Exception? Failure => _failure;

    /// <summary>Waits for the labels.</summary>
    /// <param name="cancellationToken">Stops waiting; the labeling goes on.</param>
    /// <returns>The labels, in the columns of <c>LabelUnlearningHardnessAsync</c>. They lie in memory.</returns>
    /// <exception cref="ArgumentException">The rows or options are refused.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be trained on, or too many trials failed.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled, or the host stopped first. The next host goes on.</exception>
    public Task<IDataView> LabelsAsync(CancellationToken cancellationToken = default) => _labels.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _labels.TrySetCanceled();
        _activities.Dispose();
        _meter.Dispose();
    }

    /// <summary>Labels the rows; errors that pass are waited out.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!_labels.Task.IsCompleted)
            try
            {
                var labels = await LabelAsync(stoppingToken).ConfigureAwait(false);
                _failure = null;
                LabelingMessages.Labeled(_log, labels.GetRowCount(), Progress?.Detail ?? "");
                _labels.TrySetResult(labels);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                _labels.TrySetCanceled(stoppingToken);
            }
            catch (Exception cause)
            {
                _failure = cause;
                _failures.Add(1);
                if (cause is ArgumentException or InvalidOperationException and not TrialLedgerException)
                {
                    LabelingMessages.Failed(_log, cause);
                    _labels.TrySetException(cause);
                    return;
                }
                // A ledger that another process still holds, a full disk: what passes must not end the host.
                LabelingMessages.TriesAgain(_log, _options.Interval, cause);
                await Task.Delay(_options.Interval, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    private async Task<IDataView> LabelAsync(CancellationToken stoppingToken)
    {
        stoppingToken.ThrowIfCancellationRequested();
        using var activity = _activities.StartActivity("label");
        LabelingMessages.Begins(_log, _options.LedgerPath);
        try
        {
            var options = _options.Apply(_data.CreateOptions(_mlContext));
            return await _mlContext.Data.LabelUnlearningHardnessAsync(_data.LoadRows(_mlContext), options, new Reporter(this), stoppingToken)
                .ConfigureAwait(false);
        }
        catch (Exception cause)
        {
            activity?.SetStatus(ActivityStatusCode.Error, cause.Message);
            throw;
        }
    }

    private IEnumerable<Measurement<int>> FinishedTrials() =>
        Progress is { Stage: StudyStage.Trials } progress ? [new Measurement<int>(progress.Finished)] : [];

    private sealed record Reported(StudyProgress Value);

    private sealed class Reporter(LabelingService service) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => service._progress = new(value);
    }
}
