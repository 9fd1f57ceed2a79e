using Unlearn.Transforms.Rows;
using Unlearn.Transforms.Torch.Training.Steps;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>The batches of one training of a stack, in the order in which <see cref="TrainingLoop"/> takes them.</summary>
internal sealed class ModelBatches(StepSettings settings, TrainingSpec training)
{
    private readonly RowOrder _rows = new(training.Positions.ToArray(), settings.BatchSize, training.Seed);
    private int _written;

    /// <summary>Batches of all epochs.</summary>
    public int Count => settings.Epochs * _rows.Count;

    /// <summary>Rows of the largest batch.</summary>
    public int Largest => _rows.Largest;

    /// <summary>The epoch that the last batch ended, from 1; <see langword="null"/> if it ended none.</summary>
    public int? EndedEpoch => _written % _rows.Count == 0 ? _written / _rows.Count : null;

    /// <summary>Writes the next batch.</summary>
    /// <param name="index">Where positions of rows go: at least as many places as the largest batch has rows. A place that stays free reads the batch's first row.</param>
    /// <param name="weights">Where the weights of their losses go: one over the batch's rows, or 0 where a place is free.</param>
    public void WriteNext(Span<long> index, Span<float> weights)
    {
        var rows = _rows.Next();
        _written++;
        for (var i = 0; i < index.Length; i++)
            index[i] = rows[i < rows.Length ? i : 0];
        weights[..rows.Length].Fill(1f / rows.Length);
        weights[rows.Length..].Clear();
    }
}
