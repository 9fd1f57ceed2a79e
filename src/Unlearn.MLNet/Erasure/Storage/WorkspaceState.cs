using Microsoft.ML;
using Microsoft.ML.Runtime;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Triage;
using Unlearn.Transforms;
using Unlearn.Transforms.Interop;

namespace Unlearn.MLNet.Erasure.Storage;

/// <summary>What a workspace holds in memory: the rows that stay, the model, the labels, and what the log says.</summary>
internal sealed class WorkspaceState : IDisposable
{
    private const double AgreementOfLabels = 0.05;
    private const int CheckedLabels = 200;

    private IReadOnlyDictionary<string, RequestState>? _requests;
    private int _entriesOfRequests;

    public WorkspaceState(MLContext context, WorkspaceFolder folder, ErasureOptions options, ErasureLog log, TrainingRows rows, TrainingRows? testRows)
    {
        (Context, Folder, Options, Log, Rows, TestRows) = (context, folder, options, log, rows, testRows);
        Environment = MLNetInternals.GetEnvironment(context.Transforms);
        Hasher = folder.Hasher();
        Labels = folder.ReadLabels(context);
        Model = ModelFile.Load(Environment, folder.Models, ModelHash);
    }

    public MLContext Context { get; }

    public IHostEnvironment Environment { get; }

    public WorkspaceFolder Folder { get; }

    public ErasureOptions Options { get; }

    public ErasureLog Log { get; }

    public RowHasher Hasher { get; }

    /// <summary>All rows that are not erased, those of waiting requests included.</summary>
    public TrainingRows Rows { get; private set; }

    public TrainingRows? TestRows { get; }

    public StoredLabels Labels { get; set; }

    /// <summary>The model as it is.</summary>
    public ITarget Model { get; private set; }

    public string ModelHash => Log.Entries.Last(entry => entry.Kind is EntryKind.Created or EntryKind.Completed).Text("model");

    public double Tolerance => Options.Policy.Tolerance ?? Labels.Facts.Tolerance;

    /// <summary>All requests of the log.</summary>
    public IReadOnlyDictionary<string, RequestState> Requests
    {
        get
        {
            if (_requests is null || _entriesOfRequests != Log.Entries.Count)
                (_requests, _entriesOfRequests) = (RequestState.All(Log.Entries), Log.Entries.Count);
            return _requests;
        }
    }

    /// <summary>Whether everything was purged since the latest request was completed.</summary>
    public bool IsPurged =>
        Log.Entries.LastOrDefault(entry => entry.Kind is EntryKind.Completed or EntryKind.Purged) is not { Kind: EntryKind.Completed };

    /// <summary>Requests that were begun and are neither completed nor waiting.</summary>
    public IReadOnlyList<RequestState> Begun => [.. Requests.Values.Where(request => request is { Planned: not null, State: ErasureState.Begun })];

    public IReadOnlyList<RequestState> Waiting => [.. Requests.Values.Where(request => request.Waiting is not null)];

    /// <summary>The request that each erased row was erased by, by the row's hash.</summary>
    public static Dictionary<string, string> ErasedBy(IReadOnlyDictionary<string, RequestState> requests)
    {
        Dictionary<string, string> erased = new(StringComparer.Ordinal);
        foreach (var request in requests.Values.Where(request => request.Completed is not null))
            foreach (var row in request.Rows)
                erased.TryAdd(row, request.Id);
        return erased;
    }

    /// <summary>The methods that may serve requests: those of the labels, without exact ones that need a model of their own.</summary>
    /// <exception cref="InvalidOperationException">None is exact.</exception>
    public IReadOnlyList<TriageMethod> Methods()
    {
        TriageMethod[] methods =
        [
            .. Labels.Facts.ForTriage().Where(method => !method.IsExact || Unlearner(method.Name).MakesRetrainPool)
                .Select(method => Options.Policy.Seconds?.TryGetValue(method.Name, out var seconds) == true ? method with { Seconds = seconds } : method),
        ];
        return Array.Exists(methods, method => method.IsExact)
            ? methods
            : throw new InvalidOperationException($"The labels tell of no exact method that retrains the model: label with {nameof(ExactRetraining)} too.");
    }

    /// <summary>The unlearner of a name, with the strength that it was labeled with.</summary>
    public IUnlearner Unlearner(string name)
    {
        var unlearner = Options.Unlearners.FirstOrDefault(own => own.Name == name) ?? KnownUnlearners.Find(name);
        var strength = Labels.Facts.StrengthOf(name);
        return unlearner is IAdjustableUnlearner adjustable && strength != 1 ? adjustable.WithStrength(strength) : unlearner;
    }

    /// <summary>Takes over the model and drops erased rows, after a request was completed.</summary>
    public void Advance(ITarget model, IReadOnlySet<string> erasedHashes)
    {
        if (!ReferenceEquals(model, Model))
        {
            Model.Dispose();
            Model = model;
        }
        int[] kept = [.. Enumerable.Range(0, Rows.Count).Where(row => !erasedHashes.Contains(Hasher.OfId(Rows.Ids[row])))];
        if (kept.Length == Rows.Count)
            return;
        var before = Rows;
        Rows = Rows.Only(kept);
        before.Dispose();
    }

    /// <summary>Checks that labels were made of the model.</summary>
    /// <exception cref="InvalidOperationException">They were made of another.</exception>
    public static void CheckLabels(StoredLabels labels, ITarget model, TrainingRows rows)
    {
        int[] labeled = [.. Enumerable.Range(0, rows.Count).Where(row => labels.OfTarget(rows.Ids[row]) is not null)];
        if (labeled.Length == 0)
            throw new InvalidOperationException(
                "None of the labels is of one of the rows: label rows that the model was trained on, with an approximate unlearner.");
        int[] some = [.. Enumerable.Range(0, Math.Min(CheckedLabels, labeled.Length))
            .Select(i => labeled[(int)((long)i * labeled.Length / Math.Min(CheckedLabels, labeled.Length))])];
        var answers = Unlearners.ModelAnswers.Of(model, rows, some);
        for (var i = 0; i < some.Length; i++)
        {
            var id = rows.Ids[some[i]];
            var memory = GroundTruth.OutcomeFormulas.ResidualMemory(answers.LogitConfidences[i], labels.Retrained(id)!.Value);
            var labeledMemory = labels.OfTarget(id)!.Value;
            if (Math.Abs(memory - labeledMemory) > AgreementOfLabels * (1 + labeledMemory))
                throw new InvalidOperationException(
                    Invariant($"The labels are of another model: row '{id}' has a residual memory of {memory:0.###} in the model and of {labeledMemory:0.###} ")
                    + Invariant($"in the labels. ")
                    + "Label with the seed that the model was trained with (TargetSeed), or give the model that was labeled.");
        }
    }

    public void Dispose()
    {
        Model.Dispose();
        Rows.Dispose();
        TestRows?.Dispose();
        Log.Dispose();
    }
}
