using Unlearn.Transforms;

namespace Unlearn.MLNet.Unlearners.Retraining;

/// <summary>One shard of a request that <see cref="Sisa"/> serves: its rows in slices, and its models.</summary>
/// <param name="slices">Positions of the rows of each slice.</param>
/// <param name="forgotten">Positions of the rows to forget.</param>
/// <param name="seed">Seed of the shard's trainings.</param>
internal sealed class SisaShard(IReadOnlyList<int[]> slices, HashSet<int> forgotten, long seed) : IDisposable
{
    private readonly int _affected = slices.TakeWhile(slice => !slice.Any(forgotten.Contains)).Count();
    private ITarget? _checkpoint;
    private ITarget? _after;

    /// <summary>Positions of the shard's rows.</summary>
    public IEnumerable<int> Rows => slices.SelectMany(rows => rows);

    /// <summary>The model trained with all rows; <see langword="null"/> before the first slice.</summary>
    public ITarget? Before { get; private set; }


    /// <summary>Whether a slice or an earlier slice has a row to forget, so that the shard trains on the slice again.</summary>
    public bool IsAffected(int slice) => slice >= _affected;

    /// <summary>The training of the model with all rows.</summary>
    /// <param name="slice">Number of the slice.</param>
    public TrainingSpec With(int slice) => Spec(slice, _ => true);

    /// <summary>The training of the model without the forgotten rows.</summary>
    /// <param name="slice">Number of the slice.</param>
    public TrainingSpec Without(int slice) => Spec(slice, position => !forgotten.Contains(position));

    /// <summary>
    /// The model from which the training without the forgotten rows continues. At first, it is the checkpoint before the first slice with a row to
    /// forget.
    /// </summary>
    public ITarget? StartWithout => _after ?? _checkpoint ?? Before;

    /// <summary>Sets the model trained with all rows up to a slice. The model before the first slice with a row to forget is kept as a checkpoint.</summary>
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

    /// <summary>Sets the model trained up to a slice without the forgotten rows.</summary>
    /// <param name="model">The model.</param>
    public void SetAfter(ITarget model)
    {
        _after?.Dispose();
        _after = model;
    }

    /// <summary>Ends the unlearning: a shard without a row to forget keeps its model.</summary>
    public void Finish() => _after ??= Before!.Clone();

    /// <summary>Returns both models; the caller owns them.</summary>
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
        new() { Positions = slices.Take(slice + 1).SelectMany(rows => rows).Where(isTaken).Order().ToArray(), Seed = slice == 0
            ? seed
            : Seed.Derive(seed, "slice", slice) };
}
