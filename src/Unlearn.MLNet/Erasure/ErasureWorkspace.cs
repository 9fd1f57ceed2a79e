using Microsoft.ML;
using Unlearn.MLNet.Erasure.Execution;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Proof;
using Unlearn.MLNet.Erasure.Purging;
using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet;

/// <summary>
/// A folder in which the requests to erase rows from one model are planned, served, audited and proven. One process at a time may have it open; its methods
/// are called one after the other. Whatever is finished is in the folder's log, so a killed process goes on from there with <see cref="ResumeAsync"/>.
/// </summary>
public sealed class ErasureWorkspace : IDisposable
{
    private readonly WorkspaceState _state;
    private readonly RequestTriage _triage;
    private readonly TimeProvider _time;
    private readonly FileStream _lock;
    private readonly CallGuard _calls = new();

    private ErasureWorkspace(WorkspaceState state, FileStream hold, TimeProvider time)
    {
        (_state, _lock, _time) = (state, hold, time);
        _triage = new(state, time);
        new RequestExecution(state, time, null).Tidy();
    }

    /// <summary>Hash of the model as it is.</summary>
    public string ModelHash => _state.ModelHash;

    /// <summary>Hash of the log's latest entry; keep it elsewhere, see <see cref="ErasureVerification.LogHash"/>.</summary>
    public string LogHash => _state.Log.Head;

    /// <summary>Ids of the rows that are not erased, in order, those of waiting requests included.</summary>
    public IReadOnlyList<string> RowIds => _state.Rows.Ids;

    /// <summary>Ids of the requests that wait for the next retraining.</summary>
    public IReadOnlyList<string> Waiting => [.. _state.Waiting.Select(request => request.Id)];

    /// <summary>
    /// Ids of the requests that were begun and neither completed nor made to wait, such as before a kill: <see cref="ResumeAsync"/> serves them.
    /// </summary>
    public IReadOnlyList<string> Unfinished => [.. _state.Begun.Select(request => request.Id)];

    /// <summary>All requests of the log, in the order in which they came.</summary>
    public IReadOnlyList<ErasureStatus> Requests =>
        [.. _state.Requests.Values.Where(request => request.Planned is not null).Select(request => ErasureStatus.Of(request, _state.Folder))];

    internal bool IsPurged => _state.IsPurged;

    /// <summary>How far a request is.</summary>
    /// <param name="requestId">Id of the request.</param>
    /// <returns>The state; <see langword="null"/> if the log has no such request.</returns>
    public ErasureState? StateOf(string requestId)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        return _state.Requests.GetValueOrDefault(requestId) is { Planned: not null } request ? request.State : null;
    }

    /// <summary>When the retraining must start that the first request waits for; <see langword="null"/> if none waits.</summary>
    public DateTimeOffset? NextRetraining => _state.Waiting.Select(request => (DateTimeOffset?)request.Waiting!.TimeOf("retrainAt")).Min();

    /// <summary>Begins a workspace for a trained model.</summary>
    /// <param name="mlContext">The ML context.</param>
    /// <param name="folder">An empty folder, or a new one.</param>
    /// <param name="rows">The rows that the model was trained on.</param>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="labels">
    /// Labels of the rows, or of some of them, that were made of this model by <c>mlContext.Data.LabelUnlearningHardnessAsync</c>, with exact retraining among
    /// the unlearners.
    /// </param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">The folder is not empty, a column is missing, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The labels belong to another model, or rows cannot be trained on.</exception>
    /// <exception cref="NotSupportedException">Models of this kind cannot be saved.</exception>
    public static ErasureWorkspace Create(MLContext mlContext, string folder, IDataView rows, ITarget model, IDataView labels, ErasureOptions options)
        => Create(mlContext, folder, rows, model, labels, options, TimeProvider.System);

    /// <summary>Opens a workspace.</summary>
    /// <param name="mlContext">The ML context.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="rows">The rows that the model was trained on. Erased ones may be among them or not.</param>
    /// <param name="options">The options, with the recipe that it was created with.</param>
    /// <exception cref="ArgumentException">The folder is no workspace, or the recipe is another one.</exception>
    /// <exception cref="InvalidOperationException">Another process has it open, or rows were added, changed, or are missing.</exception>
    /// <exception cref="FormatException">The log or the model was changed.</exception>
    public static ErasureWorkspace Open(MLContext mlContext, string folder, IDataView rows, ErasureOptions options) =>
        Open(mlContext, folder, rows, options, TimeProvider.System);

    /// <summary>Plans a request. Nothing is changed or noted.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="ArgumentException">The request is empty, names unknown rows, or its id is in the log already.</exception>
    /// <exception cref="InvalidOperationException">Too few rows or classes would be left, or the policy allows no method that is safe.</exception>
    public ErasurePlan Plan(ErasureRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var call = _calls.Enter();
        return _triage.Plan(request);
    }

    /// <summary>
    /// Executes a plan: unlearns, audits, goes to the next method where the audit fails, and certifies; or notes that the request waits for the next
    /// retraining.
    /// </summary>
    /// <param name="plan">A plan for the model as it is.</param>
    /// <param name="progress">Gets a line after every step; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches. What is finished is kept; <see cref="ResumeAsync"/> goes on.</param>
    /// <exception cref="InvalidOperationException">
    /// The model has changed since the plan was made, or no method that the policy allows passed the audit.
    /// </exception>
    /// <exception cref="IOException">The log cannot be written; the step counts as not done.</exception>
    public Task<ErasureResult> ExecuteAsync(ErasurePlan plan, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        Accept(plan);
        return ServeAsync(plan.Request.Id, progress, cancellationToken);
    }

    /// <summary>Notes a request and its plan, and does no more: <see cref="ServeAsync"/> goes on, in this process or in a later one.</summary>
    /// <param name="plan">A plan for the model as it is.</param>
    /// <exception cref="InvalidOperationException">The model has changed since the plan was made, or the request is in the log already.</exception>
    /// <exception cref="IOException">The log cannot be written; the request counts as not accepted.</exception>
    public void Accept(ErasurePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.ModelHash != ModelHash)
            throw new InvalidOperationException(
                $"The plan of request '{plan.Request.Id}' was made for model {plan.ModelHash}, which is {ModelHash} by now: plan it again.");
        if (_state.Requests.GetValueOrDefault(plan.Request.Id)?.Planned is not null)
            throw new InvalidOperationException($"Request '{plan.Request.Id}' is in the log already: resume it.");
        using var call = _calls.Enter();
        RequestNotes.Accept(_state, plan);
    }

    /// <summary>Goes on with a request that was accepted or begun, planned anew if others were completed since. A retraining serves all that wait.</summary>
    /// <param name="requestId">Id of the request.</param>
    /// <param name="progress">Gets a line after every step; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The request is not among <see cref="Unfinished"/>.</exception>
    /// <exception cref="InvalidOperationException">No method that the policy allows passed the audit, or too few rows would be left.</exception>
    public Task<ErasureResult> ServeAsync(string requestId, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        var request = _state.Begun.FirstOrDefault(begun => begun.Id == requestId)
            ?? throw new ArgumentException($"Request '{requestId}' was not begun, or is finished: there is nothing to resume.", nameof(requestId));
        return RunAsync(execution => execution.Continue(_triage.Current(request), cancellationToken), progress);
    }

    /// <summary>Goes on with the requests that were begun and not finished. Those are planned again before which others were completed.</summary>
    /// <param name="progress">Gets a line after every step; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>What became of each.</returns>
    public Task<IReadOnlyList<ErasureResult>> ResumeAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default) =>
        RunAsync(execution => execution.Resume(_state.Begun, _triage.Current, cancellationToken), progress);

    /// <summary>Retrains the model once for all requests that wait.</summary>
    /// <param name="progress">Gets a line after every step; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches; the requests wait on.</param>
    /// <returns>What became of each; none if none waits.</returns>
    public Task<IReadOnlyList<ErasureResult>> RetrainAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default) =>
        RunAsync(execution => execution.Retrain(cancellationToken), progress);

    /// <summary>Retrains if <see cref="NextRetraining"/> has come: for a timer of a service.</summary>
    /// <param name="progress">Gets a line after every step; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches; the requests wait on.</param>
    /// <returns>What became of each request that waited; none if the time has not come.</returns>
    public Task<IReadOnlyList<ErasureResult>> RetrainIfDueAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default) =>
        NextRetraining <= _time.GetUtcNow() ? RetrainAsync(progress, cancellationToken) : Task.FromResult<IReadOnlyList<ErasureResult>>([]);

    /// <summary>
    /// A copy of the model as it is, which the caller disposes. It is of the kind that the recipe trains: <see cref="MLNetTarget.Transformer"/> is ML.NET's own
    /// model, <see cref="TorchTarget.CopyModule"/> the Torch module.
    /// </summary>
    public ITarget CopyModel() => _state.Model.Clone();

    /// <summary>Everything in the workspace, and in <see cref="ErasureOptions.DerivedFiles"/>, that was made of the rows.</summary>
    public IReadOnlyList<DerivedFile> Inventory() => Erasure.Purging.Inventory.Of(_state);

    /// <summary>
    /// Removes erased rows from the <see cref="Inventory"/>: rewrites labels and tables without them, deletes all else. What was deleted of the
    /// workspace's own is made anew from the rows that stay when it is needed. The log and the certificates hold keyed hashes alone.
    /// </summary>
    /// <returns>The files that were rewritten or deleted.</returns>
    public IReadOnlyList<DerivedFile> Purge()
    {
        using var call = _calls.Enter();
        return Purger.Run(_state);
    }

    /// <summary>Checks a workspace's log, model and certificates. Nobody needs to have it closed.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="expectedLogHash">A hash of the log that was kept elsewhere, which it must still contain; <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException">The folder is no workspace.</exception>
    public static ErasureVerification Verify(string folder, string? expectedLogHash = null) =>
        WorkspaceVerifier.Verify(WorkspaceFolder.Open(folder), expectedLogHash);

    /// <summary>Repeats the audit of a request: asks the model as it is for its answers on the erased rows.</summary>
    /// <param name="requestId">A completed request, after which the model has not changed.</param>
    /// <param name="rows">Rows that the erased ones are among, of at least two classes, with the columns of the options.</param>
    /// <returns>What differs from the certificate, in words; nothing if it is confirmed.</returns>
    /// <exception cref="ArgumentException">The request is not completed.</exception>
    /// <exception cref="InvalidOperationException">The model has changed since, or a row of the request is missing.</exception>
    public IReadOnlyList<string> VerifyAudit(string requestId, IDataView rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (!_state.Requests.TryGetValue(requestId, out var request) || request.Completed is null)
            throw new ArgumentException($"The log has no completed request '{requestId}'.", nameof(requestId));
        if (request.Completed.Text("model") != ModelHash)
            throw new InvalidOperationException(
                $"The model has changed since request '{requestId}' was completed: verify with a copy of model {request.Completed.Text("model")}.");
        using var read = Read(rows, _state.Options);
        using var known = read.WithClassesOf(_state.Rows, "erased rows");
        return AuditVerifier.Differences(_state, request, known);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _triage.Dispose();
        _state.Dispose();
        _lock.Dispose();
    }

    internal static ErasureWorkspace Create(
        MLContext mlContext, string folder, IDataView rows, ITarget model, IDataView labels, ErasureOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(labels);
        Check(options);
        using var training = Read(rows, options);
        var stored = StoredLabels.Read(labels, options.RowIdColumnName);
        WorkspaceState.CheckLabels(stored, model, training);
        var files = WorkspaceFolder.Create(folder, options.Recipe, stored.Facts);
        files.WriteLabels(mlContext, stored);
        RowRegister.Of(training, files.Hasher()).Write(files.Rows);
        var hash = ModelFile.Save(files.Models, model);
        using (var log = new ErasureLog(files.Log, time))
            log.Append(EntryKind.Created, new()
            {
                ["model"] = hash, ["recipe"] = options.Recipe.Specification, ["rows"] = training.Count, ["labeledRows"] = stored.Ids.Count,
                ["retainedAccuracy"] = ErasureJson.Number(ModelAnswers.Of(model, training).Accuracy), ["testAccuracy"] =
                    ErasureJson.Number(Accuracy(model, training, options)),
                ["tolerance"] = options.Policy.Tolerance ?? stored.Facts.Tolerance, ["confidence"] = options.Policy.Confidence,
            });
        files.Commit();
        return Open(mlContext, folder, rows, options, time);
    }

    internal static ErasureWorkspace Open(MLContext mlContext, string folder, IDataView rows, ErasureOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(rows);
        Check(options);
        var files = WorkspaceFolder.Open(folder);
        if (files.Recipe != options.Recipe.Specification)
            throw new ArgumentException($"The workspace's model was trained by '{files.Recipe}', the options have '{options.Recipe.Specification}': "
                + "give the same recipe.", nameof(options));
        var hold = files.Hold();
        ErasureLog? log = null;
        try
        {
            log = new(files.Log, time);
            var erased = WorkspaceState.ErasedBy(RequestState.All(log.Entries)).Keys.ToHashSet(StringComparer.Ordinal);
            using var all = Read(rows, options);
            var training = RowRegister.Read(files.Rows).Check(all, files.Hasher(), erased);
            using var test = options.TestData is null ? null : Read(options.TestData, options);
            using var known = test?.WithClassesOf(training, "test rows");
            return new(new(mlContext, files, options, log, training, known is null ? null : known.Only([.. Enumerable.Range(0, known.Count)])), hold, time);
        }
        catch
        {
            log?.Dispose();
            hold.Dispose();
            throw;
        }
    }

    private static void Check(ErasureOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
    }

    private static double Accuracy(ITarget model, TrainingRows training, ErasureOptions options)
    {
        if (options.TestData is null)
            return double.NaN;
        using var test = Read(options.TestData, options);
        using var known = test.WithClassesOf(training, "test rows");
        return ModelAnswers.Of(model, known).Accuracy;
    }

    private static TrainingRows Read(IDataView rows, ErasureOptions options) =>
        TrainingRows.FromDataView(
            rows, options.FeatureColumnName, options.LabelColumnName, options.RowIdColumnName, options.MaximumTextLength, options.StoreFolder);

    private async Task<T> RunAsync<T>(Func<RequestExecution, T> work, IProgress<string>? progress)
    {
        using var call = _calls.Enter();
        using var channel = _state.Environment.Register(nameof(ErasureWorkspace)).Start("Erase");
        var lines = new Lines(line =>
        {
            channel.Info(Microsoft.ML.Runtime.MessageSensitivity.None, line);
            progress?.Report(line);
        });
        return await TorchThreads.RunAsync("Unlearn erasure", () => work(new(_state, _time, lines))).ConfigureAwait(false);
    }

    private sealed class Lines(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }
}
