namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>The batches of one training of a stack, in the order in which <see cref="TrainingLoop"/> takes them.</summary>
internal sealed class ModelBatches(TorchRecipe recipe, TrainingSpec training)
{
    private readonly BatchOrder _order = new(training.Seed, training.Positions.Length);
    private readonly int _ofEpoch = (training.Positions.Length + recipe.BatchSize - 1) / recipe.BatchSize;
    private int[] _epoch = [];
    private int _next;

    /// <summary>Batches of all epochs.</summary>
    public int Count => recipe.Epochs * _ofEpoch;

    /// <summary>The epoch that the last batch ended, from 1; <see langword="null"/> if it ended none.</summary>
    public int? EndedEpoch => _next % _ofEpoch == 0 ? _next / _ofEpoch : null;

    /// <summary>Writes the next batch.</summary>
    /// <param name="index">Where positions of rows go: as many as a batch has places. A place that stays free reads the batch's first row.</param>
    /// <param name="weights">Where the weights of their losses go: one over the batch's rows, or 0 where a place is free.</param>
    public void WriteNext(Span<long> index, Span<float> weights)
    {
        var inEpoch = _next++ % _ofEpoch;
        if (inEpoch == 0)
            _epoch = [.. _order.NextEpoch()];
        var rows = _epoch.AsSpan(inEpoch * recipe.BatchSize, Math.Min(recipe.BatchSize, _epoch.Length - inEpoch * recipe.BatchSize));
        var positions = training.Positions.Span;
        for (var i = 0; i < index.Length; i++)
            index[i] = positions[rows[i < rows.Length ? i : 0]];
        weights[..rows.Length].Fill(1f / rows.Length);
        weights[rows.Length..].Clear();
    }
}
