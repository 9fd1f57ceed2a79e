using Unlearn.Transforms;

namespace Unlearn.MLNet.Unlearners.Retraining;

/// <summary>One shard of a request that <see cref="Sisa"/> serves: its rows in slices, and its models.</summary>
/// <param name="slices">Positions of the rows of each slice.</param>
/// <param name="forgotten">Positions of the rows to forget.</param>
/// <param name="seed">Seed of its trainings.</param>
internal sealed class SisaShard(IReadOnlyList<int[]> slices, HashSet<int> forgotten, long seed) : IDisposable
{
    private readonly int _affected = slices.TakeWhile(slice => !slice.Any(forgotten.Contains)).Count();
    private ITarget? _checkpoint;
    private ITarget? _after;

    /// <summary>The model of all rows; <see langword="null"/> before the first slice.</summary>
    public ITarget? Before { get; private set; }


    /// <summary>Whether a slice or one before it has a row to forget, so that the shard trains on it again.</summary>
    public bool IsAffected(int slice) => slice >= _affected;

    /// <summary>What its model of all rows is trained on.</summary>
    /// <param name="slice">Number of the slice.</param>
    public TrainingSpec With(int slice) => Spec(slice, _ => true);

    /// <summary>What its model without the forgotten rows is trained on.</summary>
    /// <param name="slice">Number of the slice.</param>
    public TrainingSpec Without(int slice) => Spec(slice, position => !forgotten.Contains(position));

    /// <summary>The model to train on without the forgotten rows: from the checkpoint before the first slice with one.</summary>
    public ITarget? StartWithout => _after ?? _checkpoint ?? Before;

    /// <summary>Takes the model after a slice, with all rows, in place of the one before, which stays as a checkpoint before the first slice with a row to forget.</summary>
    /// <param name="slice">Number of the slice.</param>
    /// <param name="model">The model.</param>
    public void SetBefore(int slice, ITarget model)
    {
        if (slice == _affected)
            _checkpoint = Before;
        else
            Before?.Dispose();
        Before = model;
    }

    /// <summary>Takes the model after a slice, without the forgotten rows.</summary>
    /// <param name="model">The model.</param>
    public void SetAfter(ITarget model)
    {
        _after?.Dispose();
        _after = model;
    }

    /// <summary>Ends: a shard without a row to forget keeps its model.</summary>
    public void Finish() => _after ??= Before!.Clone();

    /// <summary>Hands both models over.</summary>
    public (ITarget Before, ITarget After) Take()
    {
        var models = (Before!, _after!);
        (Before, _after) = (null, null);
        return models;
    }

    public void Dispose()
    {
        Before?.Dispose();
        _after?.Dispose();
        _checkpoint?.Dispose();
    }

    private TrainingSpec Spec(int slice, Func<int, bool> isTaken) =>
        new() { Positions = slices.Take(slice + 1).SelectMany(rows => rows).Where(isTaken).Order().ToArray(), Seed = slice == 0 ? seed : Seed.Derive(seed, "slice", slice) };
}
