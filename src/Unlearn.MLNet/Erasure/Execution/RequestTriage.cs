using Microsoft.ML;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Reports;
using Unlearn.MLNet.Triage;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Execution;

/// <summary>Plans requests on a workspace: predicts the rows' residual memory on the model as it is.</summary>
internal sealed class RequestTriage(WorkspaceState state, TimeProvider time) : IDisposable
{
    private const int ShownIds = 5;
    private const int FewestRows = 2;

    private (TrainingRows Rows, int[] Groups)? _duplicates;
    private (string ModelHash, int Rows, ITransformer Hardness)? _own;

    /// <summary>Plans a request.</summary>
    /// <exception cref="ArgumentException">The request has unknown rows, or its id is taken.</exception>
    /// <exception cref="InvalidOperationException">Too little would be left, or the policy allows no safe method.</exception>
    public ErasurePlan Plan(ErasureRequest request)
    {
        request.Check();
        if (state.Requests.TryGetValue(request.Id, out var known) && known.Planned is not null)
            throw new ArgumentException($"Request '{request.Id}' is in the log already, "
                + $"{(known.Completed is null ? known.Waiting is null ? "begun: resume it" : "waiting for the next retraining" : "and completed")}.");
        var positions = state.Rows.Ids.Index().ToDictionary(row => row.Item, row => row.Index, StringComparer.Ordinal);
        var erased = WorkspaceState.ErasedBy(state.Requests);
        List<(string Id, string? ErasedBy)> rows = [.. request.RowIds.Select(id => (id, erased.GetValueOrDefault(state.Hasher.OfId(id))))];
        string[] unknown = [.. rows.Where(row => row.ErasedBy is null && !positions.ContainsKey(row.Id)).Select(row => row.Id)];
        if (unknown.Length > 0)
            throw new ArgumentException($"Request '{request.Id}' names {string.Join(", ", unknown.Take(ShownIds).Select(id => $"'{id}'"))}"
                + $"{(unknown.Length > ShownIds ? $" and {unknown.Length - ShownIds} more" : "")}, which the model was never trained on: "
                + $"leave {(unknown.Length == 1 ? "it" : "them")} out.");
        return Plan(request, rows, positions);
    }

    /// <summary>A request of the log with a plan for the model as it is: planned again if another was completed since.</summary>
    /// <exception cref="InvalidOperationException">Too little would be left, or the policy allows no safe method.</exception>
    public RequestState Current(RequestState request)
    {
        if (!state.Log.Entries.Any(entry => entry.Kind == EntryKind.Completed && entry.Index > request.Planned!.Index))
            return request;
        RequestNotes.Plan(state, PlanAgain(request), request.Rows);
        return state.Requests[request.Id];
    }

    // Rows that were erased meanwhile are known by their hash alone.
    private ErasurePlan PlanAgain(RequestState request)
    {
        var positions = state.Rows.Ids.Index().ToDictionary(row => row.Item, row => row.Index, StringComparer.Ordinal);
        var ids = state.Rows.Ids.ToDictionary(state.Hasher.OfId, StringComparer.Ordinal);
        var erased = WorkspaceState.ErasedBy(state.Requests);
        List<(string Id, string? ErasedBy)> rows = [.. request.Rows.Select(hash => (ids.GetValueOrDefault(hash, hash), erased.GetValueOrDefault(hash)))];
        return Plan(
            new() { Id = request.Id, RowIds = [.. rows.Select(row => row.Id)], ReceivedAt = request.ReceivedAt, DueAt = request.DueAt }, rows, positions);
    }

    private ErasurePlan Plan(ErasureRequest request, IReadOnlyList<(string Id, string? ErasedBy)> rows, Dictionary<string, int> positions)
    {
        HashSet<int> forget = [.. rows.Where(row => row.ErasedBy is null).Select(row => positions[row.Id])];
        // Rows that wait are as good as gone.
        var waiting = state.Waiting.SelectMany(of => of.Rows).ToHashSet(StringComparer.Ordinal);
        HashSet<int> going = [.. positions.Values.Where(row => forget.Contains(row) || waiting.Contains(state.Hasher.OfId(state.Rows.Ids[row])))];
        var emptied = EmptiedClasses(request, going);
        var methods = state.Methods();
        var (predictions, unpredictable) = Predictions([.. forget.Order()], methods);
        return ErasurePlanner.Plan(new()
        {
            Request = request,
            Rows =
            [
                .. rows.Select(row =>
                    new TriageRow(row.Id, state.Labels.Retrained(row.Id) is not null, row.ErasedBy, predictions.GetValueOrDefault(row.Id))),
            ],
            RowsLeft = state.Rows.Count - going.Count + forget.Count, EmptiedClasses = emptied,
            DuplicatesLeft = DuplicatesLeft(forget), ChangedBy = ChangedBy(),
            Unpredictable = unpredictable,
            Methods = methods, Tolerance = state.Tolerance,
            Policy = state.Options.Policy, ModelHash = state.ModelHash, Now = time.GetUtcNow(),
        });
    }

    private string? ChangedBy() => state.Log.Entries.Reverse().TakeWhile(entry => !entry.IsTraining)
        .Where(entry => entry.Kind == EntryKind.Completed).Select(entry => entry.Text("method"))
        .FirstOrDefault(method => method is not (ErasurePlan.Nothing or ErasurePlan.Erased));

    private List<string> EmptiedClasses(ErasureRequest request, HashSet<int> going)
    {
        var all = Enumerable.Range(0, state.Rows.Count).ToList();
        var left = all.Where(row => !going.Contains(row)).Select(state.Rows.LabelAt).ToHashSet();
        if (state.Rows.Count - going.Count < FewestRows || left.Count < FewestRows)
            throw new InvalidOperationException($"Request '{request.Id}' leaves {state.Rows.Count - going.Count} rows of {left.Count} "
                + $"{(left.Count == 1 ? "class" : "classes")}, from which no classifier can be trained: withdraw the model.");
        return [.. all.Select(state.Rows.LabelAt).Distinct().Where(label => !left.Contains(label)).Order()
            .Select(label => state.Rows.ClassNames?[label] ?? Invariant($"{label}"))];
    }

    private List<string> DuplicatesLeft(HashSet<int> forget)
    {
        if (_duplicates is not { } found || !ReferenceEquals(found.Rows, state.Rows))
            _duplicates = found = (state.Rows, NearDuplicateGroups.Of(state.Rows, state.Model));
        var groups = forget.Select(row => found.Groups[row]).ToHashSet();
        return [.. Enumerable.Range(0, state.Rows.Count)
            .Where(row => !forget.Contains(row) && groups.Contains(found.Groups[row]))
            .Select(row => state.Rows.Ids[row])];
    }

    private (Dictionary<string, RowPrediction> Predictions, string? Unpredictable) Predictions(int[] positions, IReadOnlyList<TriageMethod> methods)
    {
        string[] approximate = [.. methods.Where(method => !method.IsExact).Select(method => method.Name)];
        if (positions.Length == 0 || approximate.Length == 0)
            return ([], null);
        using var asked = state.Rows.Only(positions);
        ITransformer hardness;
        try
        {
            hardness = Hardness();
        }
        catch (InvalidOperationException) when (state.Labels.Ids.Count < state.Labels.Facts.Rows)
        {
            return ([], $"{state.Labels.Ids.Count} of {state.Labels.Facts.Rows} labeled rows are left, too few to predict from.");
        }
        try
        {
            return (PredictionReader.Read(hardness.Transform(asked.ToDataView(state.Context)), approximate, asked.Ids.ToHashSet(StringComparer.Ordinal)), null);
        }
        finally
        {
            if (!ReferenceEquals(hardness, _own?.Hardness))
                (hardness as IDisposable)?.Dispose();
        }
    }

    /// <summary>The pipeline that predicts for the model as it is, fitted once for each model and number of rows.</summary>
    private ITransformer Hardness()
    {
        var rows = state.Rows.ToDataView(state.Context);
        if (state.Options.CreateHardness is { } create)
        {
            // No file name can tell one function from another.
            if (_own is not { } own || (own.ModelHash, own.Rows) != (state.ModelHash, state.Rows.Count))
            {
                Dispose();
                _own = own = (state.ModelHash, state.Rows.Count, create(state.Context, state.Model, state.Labels.ToDataView()).Fit(rows));
            }
            return own.Hardness;
        }
        var path = state.Folder.Hardness(state.ModelHash, state.Rows.Count, state.Options.Policy.Confidence, state.Tolerance, state.Options.Seed);
        if (File.Exists(path))
            return state.Context.Model.Load(path, out _);
        var factors = new UnlearnFactorsEstimator.Options { Target = state.Model, StoreFolder = state.Options.StoreFolder };
        var fitted = state.Context.Transforms.UnlearnFactors(factors)
            .Append(state.Context.Transforms.UnlearningHardness(state.Labels.ToDataView(), new()
            {
                Confidence = state.Options.Policy.Confidence,
                Tolerance = state.Tolerance,
                Seed = state.Options.Seed,
                GroupColumnName = state.Rows.AreTexts ? "Features" : null, // equal texts stay together
            }))
            .Fit(rows);
        AtomicFile.Write(path, stream => state.Context.Model.Save(fitted, rows.Schema, stream));
        return fitted;
    }

    public void Dispose()
    {
        (_own?.Hardness as IDisposable)?.Dispose();
        _own = null;
    }
}
