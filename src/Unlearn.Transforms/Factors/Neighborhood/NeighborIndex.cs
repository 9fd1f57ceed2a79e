using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>The training rows as points on the unit sphere, with their labels and keys, and the sums of each class.</summary>
internal sealed class NeighborIndex : ICheckedStatistic
{
    private NeighborIndex() { }

    public static NeighborIndex Instance { get; } = new();

    /// <summary>Number of points.</summary>
    public static long Count(IReadOnlyDictionary<string, torch.Tensor> state) => state[Labels].shape[0];

    /// <summary>Cosines of rows with some of the points, rows × points.</summary>
    /// <param name="state">The state.</param>
    /// <param name="queries">The rows: points, or leaves where the state holds leaves.</param>
    /// <param name="start">First of the points.</param>
    /// <param name="count">Number of points.</param>
    public static torch.Tensor Similarities(IReadOnlyDictionary<string, torch.Tensor> state, torch.Tensor queries, long start, long count) =>
        state.ContainsKey(Leaves)
            ? LeafPoints.Similarities(queries, StoredState.Slice(state, Leaves, start, count))
            : queries.matmul(StoredState.Slice(state, Vectors, start, count).t());

    /// <summary>Some of the points, rows × dimensions.</summary>
    public static torch.Tensor Points(IReadOnlyDictionary<string, torch.Tensor> state, torch.Tensor positions) =>
        state.ContainsKey(Leaves)
            ? LeafPoints.Expand(StoredState.Select(state, Leaves, positions), state[ClassSums].shape[1])
            : StoredState.Select(state, Vectors, positions);

    /// <summary>Consecutive points that are no leaves.</summary>
    public static torch.Tensor Block(IReadOnlyDictionary<string, torch.Tensor> state, long start, long count) =>
        StoredState.Slice(state, Vectors, start, count);

    // Entries of the points: vectors, training rows × dimensions, or leaves, training rows × trees.
    private const string Vectors = "points";
    private const string Leaves = "leaves";

    /// <summary>Entry of the labels of the points.</summary>
    public const string Labels = TrainingRowKeys.Labels;

    /// <summary>Entry of the sum of each class's points, classes × dimensions.</summary>
    public const string ClassSums = "class-sums";

    public string Name => "Neighbours";

    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        RowMatrix? points = null;
        torch.Tensor? classSums = null;
        var name = Vectors;
        var rows = new TrainingRowKeys(training.RowCount);
        try
        {
            foreach (var batch in training.Batches)
            {
                using var noGrad = torch.no_grad();
                var ofBatch = UnitVectors(batch.Embeddings);
                if (!ofBatch.isfinite().all().item<bool>())
                    throw new InvalidOperationException($"The target's embedding of a row among training rows {rows.Count} to {rows.Count + batch.Count - 1} "
                        + "is NaN or infinite, so its neighbors are undefined: check the scale of the features, or leave the neighborhood factors out.");
                name = batch.Leaves is null ? Vectors : Leaves;
                var kept = batch.Leaves ?? ofBatch;
                points ??= new(training.RowCount, kept.shape[1], training.StoreFolder, kept.dtype);
                classSums ??= torch.zeros(training.Target.ClassCount, ofBatch.shape[1], torch.float64).DetachFromDisposeScope();
                points.Add(kept);
                classSums.IndexAddInPlace(0, batch.Labels, ofBatch.to(torch.float64));
                rows.Add(batch);
            }
            var state = rows.Entries();
            state[ClassSums] = classSums!.to(torch.float32);
            if (name == Vectors && training.RowCount >= training.ApproximateNeighborsFrom)
                state[ApproximateNeighbors.Settings] = torch.tensor(ApproximateNeighbors.Registered.Settings.ToArray());
            return StoredState.Of(state, name, points!);
        }
        catch
        {
            points?.Dispose();
            throw;
        }
    }

    public void Check(SavedState state, FactorBatch probe)
    {
        var rows = TrainingRowKeys.Check(state, probe.Target.ClassCount);
        var width = Queries(probe).shape[1];
        state.Numbers(ClassSums, probe.Target.ClassCount, width);
        if (state.Has(ApproximateNeighbors.Settings))
        {
            var settings = ApproximateNeighbors.Registered.Settings;
            state.Require(state.Integers(ApproximateNeighbors.Settings, SavedState.Any).data<long>().ToArray().SequenceEqual(settings),
                ApproximateNeighbors.Settings, $"has other settings than [{string.Join(", ", settings)}], those of this version of the index");
        }
        if (probe.Leaves is { } leaves)
            state.Indices(Leaves, width - 1, rows, leaves.shape[1]);
        else
            state.Require(state.Numbers(Vectors, rows, width).Square().sum(1).Sub(1).abs().max().item<float>() < 1e-2f, Vectors, "leaves the unit sphere");
    }

    /// <summary>As much of a state as <see cref="NeighborSearch"/> needs.</summary>
    /// <param name="vectors">Points, as <see cref="UnitVectors"/> makes them.</param>
    /// <param name="labels">What the search is to give of the neighbors.</param>
    public static IReadOnlyDictionary<string, torch.Tensor> Of(RowMatrix vectors, torch.Tensor labels) =>
        StoredState.Of(new() { [Labels] = labels }, Vectors, vectors);

    /// <summary>The nearest training rows of each row of a batch.</summary>
    public static NeighborSearch Search(FactorBatch batch)
    {
        var (state, own) = (batch.State(Instance), batch.Shared(OwnPositions));
        return state.ContainsKey(ApproximateNeighbors.Settings)
            ? ApproximateNeighbors.Run(batch.Shared(Queries), state, own)
            : NeighborSearch.Run(batch.Leaves ?? batch.Shared(Queries), state, own);
    }

    /// <summary>The batch's rows as points.</summary>
    public static torch.Tensor Queries(FactorBatch batch) => UnitVectors(batch.Embeddings);

    /// <summary>For each row of a batch the position of the training row that it is, or −1 if it is none.</summary>
    public static torch.Tensor OwnPositions(FactorBatch batch) => TrainingRowKeys.Find(batch.State(Instance), batch);

    /// <summary>Embeddings as points on the unit sphere, with one more coordinate, which makes zero vectors points of their own.</summary>
    // Scaled by the largest entry first, so that no square leaves the range of float32.
    internal static torch.Tensor UnitVectors(torch.Tensor embeddings)
    {
        var largest = embeddings.abs().amax([1], keepdim: true);
        var isZero = largest.Eq(0);
        var scaled = embeddings / largest.where(isZero.logical_not(), 1);
        var norms = scaled.Square().sum(1, keepdim: true).sqrt().ClampMin(1);
        return torch.cat([scaled / norms, isZero.to(torch.float32)], 1);
    }
}
