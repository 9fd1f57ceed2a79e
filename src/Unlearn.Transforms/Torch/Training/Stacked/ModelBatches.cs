using Unlearn.Transforms.Rows;
using Unlearn.Transforms.Torch.Training.Steps;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>The batches of one training of a stack, in the order in which <see cref="TrainingLoop"/> takes them.</summary>
/// <param name="epochs">Passes over the rows.</param>
/// <param name="rows">The order of its rows.</param>
internal sealed class ModelBatches(int epochs, IRowOrder rows)
{
    private int _written;

    public ModelBatches(StepSettings settings, TrainingSpec training)
        : this(settings.Epochs, new RowOrder(training.Positions.ToArray(), settings.BatchSize, training.Seed))
    {
    }

    /// <summary>Batches of all epochs.</summary>
    public int Count => epochs * rows.Count;

    /// <summary>Rows of the largest batch.</summary>
    public int Largest => rows.Largest;

    /// <summary>The epoch that the last batch ended, from 1; <see langword="null"/> if it ended none.</summary>
    public int? EndedEpoch => _written % rows.Count == 0 ? _written / rows.Count : null;

    /// <summary>Writes the next batch.</summary>
    /// <param name="index">
    /// Where positions of rows go: at least as many places as the largest batch has rows. A place that stays free reads the batch's first row.
    /// </param>
    /// <param name="weights">Where the weights of their losses go: one over the batch's rows, or 0 where a place is free.</param>
    public void WriteNext(Span<long> index, Span<float> weights)
    {
        var batch = rows.Next();
        _written++;
        for (var i = 0; i < index.Length; i++)
            index[i] = batch[i < batch.Length ? i : 0];
        weights[..batch.Length].Fill(1f / batch.Length);
        weights[batch.Length..].Clear();
    }
}
