using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.ML;
using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>
/// The erasure requests of one model, for any number of threads: the only owner of an <see cref="ErasureWorkspace"/> in the process, whose methods it calls one
/// after the other. The workspace is opened when it is first needed and closed when this is disposed.
/// </summary>
public sealed class ErasureService : IAsyncDisposable, IDisposable
{
    private readonly IErasureData _data;
    private readonly ErasureServiceOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly MLContext _mlContext;
    private readonly ErasureTelemetry _telemetry;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Channel<bool> _submitted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, string> _failures = new(StringComparer.Ordinal);

    private ErasureWorkspace? _workspace;
    private volatile IReadOnlyDictionary<string, ErasureStatus> _requests = new Dictionary<string, ErasureStatus>();
    private volatile ErasureVerification? _verification;
    private bool _isDisposed;

    /// <summary>Creates the service; the container does. Nothing is read yet.</summary>
    /// <param name="data">Gives recipe and rows.</param>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes the loggers: one of this class, and <c>Microsoft.ML</c>, which gets what <see cref="MLContext.Log"/> tells.</param>
    public ErasureService(IErasureData data, IOptions<ErasureServiceOptions> options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_data, _options, _time, _log) = (data, options.Value, time, loggers.CreateLogger<ErasureService>());
        _mlContext = ServiceContext.Create(loggers);
        _telemetry = new(() => _requests.Values);
    }

    /// <summary>Requests that could not be served, by id, and why, such as that no allowed method passed the audit. A restart tries them again.</summary>
    public IReadOnlyDictionary<string, string> Failures => _failures;

    /// <summary>A request was submitted since the last read.</summary>
    internal ChannelReader<bool> Submitted => _submitted.Reader;

    /// <summary>Plans a request. Nothing is noted.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops waiting for the workspace, which a retraining may hold for as long as it takes.</param>
    /// <exception cref="ArgumentException">The request is empty, names unknown rows, or its id is taken.</exception>
    /// <exception cref="InvalidOperationException">Too few rows or classes would be left, or the policy allows no method that is safe.</exception>
    /// <exception cref="ObjectDisposedException">The service was stopped.</exception>
    public Task<ErasurePlan> PlanAsync(ErasureRequest request, CancellationToken cancellationToken = default) =>
        UseAsync(workspace => Task.FromResult(Plan(workspace, request)), cancellationToken);

    /// <summary>
    /// Plans a request and notes it, so that it outlives the process. The background service, or <see cref="ServeAsync"/>, erases the rows.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops waiting for the workspace, which a retraining may hold for as long as it takes.</param>
    /// <returns>The plan. It is made anew if other requests change the model before this one is served.</returns>
    /// <exception cref="ArgumentException">The request is empty, names unknown rows, or its id is taken.</exception>
    /// <exception cref="InvalidOperationException">Too few rows or classes would be left, or the policy allows no method that is safe.</exception>
    /// <exception cref="IOException">The log cannot be written; the request counts as not accepted.</exception>
    /// <exception cref="ObjectDisposedException">The service was stopped.</exception>
    public async Task<ErasurePlan> SubmitAsync(ErasureRequest request, CancellationToken cancellationToken = default)
    {
        var plan = await UseAsync(
            workspace =>
            {
                var plan = Plan(workspace, request);
                workspace.Accept(plan);
                return Task.FromResult(plan);
            },
            cancellationToken).ConfigureAwait(false);
        ErasureMessages.Accepted(_log, request.Id, plan.Rows.Count, plan.Method, plan.Reason);
        _submitted.Writer.TryWrite(true);
        return plan;
    }

    /// <summary>How far a request is, as of the last step that was finished. It waits for the workspace only until that is open.</summary>
    /// <param name="requestId">Id of the request.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The state, with the certificate's path once it is completed; <see langword="null"/> if there is no such request.</returns>
    public async Task<ErasureStatus?> StateOfAsync(string requestId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        return (await RequestsAsync(cancellationToken).ConfigureAwait(false)).GetValueOrDefault(requestId);
    }

    /// <summary>
    /// Serves what is to be served now: requests that were accepted, those that an earlier process left unfinished, and the retraining if it is due. The
    /// background service calls it; a scheduled job may, too.
    /// </summary>
    /// <param name="cancellationToken">Stops between two batches; a later call goes on.</param>
    /// <returns>What became of each request.</returns>
    public async Task<IReadOnlyList<ErasureResult>> ServeAsync(CancellationToken cancellationToken = default)
    {
        List<ErasureResult> results = [];
        foreach (var id in await UseAsync(workspace => Task.FromResult(workspace.Unfinished), cancellationToken).ConfigureAwait(false))
            if (!_failures.ContainsKey(id))
                try
                {
                    results.AddRange(await RunAsync("execute", id, async workspace =>
                        workspace.Unfinished.Contains(id) ? [await workspace.ServeAsync(id, null, cancellationToken).ConfigureAwait(false)] : [],
                        cancellationToken).ConfigureAwait(false));
                }
                catch (InvalidOperationException cause) when (cause is not ObjectDisposedException)
                {
                    _failures[id] = cause.Message;
                    ErasureMessages.Failed(_log, id, cause);
                }
        results.AddRange(await RunAsync(
            "retrain", null, workspace => workspace.RetrainIfDueAsync(null, cancellationToken), cancellationToken).ConfigureAwait(false));
        if (_options.Purges && await UseAsync(Purge, cancellationToken).ConfigureAwait(false) is { Count: > 0 } files)
            ErasureMessages.Purged(_log, files.Count);
        return results;

        static Task<IReadOnlyList<DerivedFile>> Purge(ErasureWorkspace workspace) =>
            Task.FromResult<IReadOnlyList<DerivedFile>>(workspace.IsPurged ? [] : workspace.Purge());
    }

    /// <summary>All requests by id, as of the last step that was finished.</summary>
    internal async Task<IReadOnlyDictionary<string, ErasureStatus>> RequestsAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _workspace) is null)
            await UseAsync(_ => Task.FromResult(true), cancellationToken).ConfigureAwait(false);
        return _requests;
    }

    /// <summary>Checks log, model and certificates; while the workspace is in use, the last check stands.</summary>
    internal async Task<ErasureVerification> VerifyAsync(CancellationToken cancellationToken)
    {
        if (_verification is { } last && _gate.CurrentCount == 0)
            return last;
        return _verification = await UseAsync(_ => Task.FromResult(ErasureWorkspace.Verify(_options.Folder)), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gate.Wait();
        Close();
    }

    /// <summary>Waits until the workspace is free, and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        Close();
    }

    private void Close()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _workspace?.Dispose();
            _telemetry.Dispose();
        }
        _gate.Release();
    }

    private static ErasurePlan Plan(ErasureWorkspace workspace, ErasureRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var activity = ErasureTelemetry.Start("plan", request.Id);
        var plan = workspace.Plan(request);
        activity?.SetTag("unlearn.method", plan.Method);
        return plan;
    }

    private Task<IReadOnlyList<ErasureResult>> RunAsync(
        string name, string? requestId, Func<ErasureWorkspace, Task<IReadOnlyList<ErasureResult>>> work, CancellationToken cancellationToken) =>
        UseAsync(
            async workspace =>
            {
                if (name == "retrain" && !(workspace.NextRetraining <= _time.GetUtcNow()))
                    return [];
                using var activity = ErasureTelemetry.Start(name, requestId);
                var clock = _time.GetTimestamp();
                try
                {
                    var results = await work(workspace).ConfigureAwait(false);
                    _telemetry.Record(results, _time.GetElapsedTime(clock));
                    foreach (var result in results)
                        ErasureMessages.Served(_log, result.RequestId, $"{result.State}", result.Method);
                    return results;
                }
                catch (Exception cause)
                {
                    activity?.SetStatus(ActivityStatusCode.Error, cause.Message);
                    throw;
                }
            },
            cancellationToken);

    private async Task<T> UseAsync<T>(Func<ErasureWorkspace, Task<T>> use, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            // Plans and openings take their time: not on the caller's thread.
            return await Task.Run(
                async () =>
                {
                    var workspace = _workspace ?? Open();
                    try
                    {
                        return await use(workspace).ConfigureAwait(false);
                    }
                    finally
                    {
                        Publish(workspace);
                    }
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private ErasureWorkspace Open()
    {
        var options = _data.CreateOptions(_mlContext) with { Policy = _options.Policy };
        var workspace = ErasureWorkspace.Open(_mlContext, _options.Folder, _data.LoadRows(_mlContext), options, _time);
        Publish(workspace);
        Volatile.Write(ref _workspace, workspace);
        ErasureMessages.Opened(_log, _options.Folder, workspace.RowIds.Count, _requests.Count);
        return workspace;
    }

    private void Publish(ErasureWorkspace workspace) => _requests = workspace.Requests.ToDictionary(request => request.RequestId, StringComparer.Ordinal);
}
