namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>The batches of one training of a stack, in the order in which <see cref="TrainingLoop"/> takes them.</summary>
internal sealed class ModelBatches(TorchRecipe recipe, TrainingSpec training)
{
    private readonly BatchOrder _order = new(training.Seed, training.Positions.Length);
    private readonly int _ofEpoch = (training.Positions.Length + recipe.BatchSize - 1) / recipe.BatchSize;
    private int[] _epoch = [];

    /// <summary>Batches of all epochs.</summary>
    public int Count => recipe.Epochs * _ofEpoch;

    /// <summary>The epoch that a batch is the last of, from 1; <see langword="null"/> if it is not.</summary>
    /// <param name="number">Number of the batch, from 0.</param>
    public int? EpochEndedBy(int number) => (number + 1) % _ofEpoch == 0 ? (number + 1) / _ofEpoch : null;

    /// <summary>Writes the next batch; nothing after the last.</summary>
    /// <param name="number">Number of the batch, from 0: each once, in order.</param>
    /// <param name="index">Where positions of rows go: as many as a batch has places; 0 where a place has no row.</param>
    /// <param name="weights">Where the weights of their losses go: one over the batch's rows, or 0.</param>
    public void Write(int number, Span<long> index, Span<float> weights)
    {
        index.Clear();
        weights.Clear();
        if (number >= Count)
            return;
        if (number % _ofEpoch == 0)
            _epoch = [.. _order.NextEpoch()];
        var start = number % _ofEpoch * recipe.BatchSize;
        var rows = Math.Min(recipe.BatchSize, _epoch.Length - start);
        var positions = training.Positions.Span;
        for (var i = 0; i < rows; i++)
            index[i] = positions[_epoch[start + i]];
        weights[..rows].Fill(1f / rows);
    }
}
