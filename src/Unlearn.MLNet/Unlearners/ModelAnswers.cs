using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet.Unlearners;

/// <summary>A model's predictions for rows, from one pass over them.</summary>
/// <param name="Confidences">p_y of each row, in [0, 1].</param>
/// <param name="LogitConfidences">log(p_y / (1 − p_y)) of each row, from the log-softmax, in [−100, 100].</param>
/// <param name="Predictions">Predicted class of each row.</param>
/// <param name="IsCorrect">Whether the predicted class is the row's label.</param>
/// <param name="Positions">Positions of the predicted rows, ascending; <see langword="null"/> for all.</param>
internal sealed record ModelAnswers(double[] Confidences, float[] LogitConfidences, long[] Predictions, bool[] IsCorrect, int[]? Positions)
{
    /// <summary>Computes a model's predictions.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="positions">Positions of the rows to predict, ascending; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Stops it between batches.</param>
    public static ModelAnswers Of(ITarget model, TrainingRows rows, int[]? positions = null, CancellationToken cancellationToken = default)
    {
        var count = positions?.Length ?? rows.Count;
        var answers = new ModelAnswers(new double[count], new float[count], new long[count], new bool[count], positions);
        for (var start = 0; start < count; start += rows.AtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            var size = Math.Min(rows.AtOnce, count - start);
            var (features, labels) = Slice(rows, positions, start, size);
            var logProbabilities = torch.nn.functional.log_softmax(model.Logits(features), 1);
            var predictions = logProbabilities.argmax(1);
            logProbabilities.gather(1, labels.unsqueeze(1)).squeeze(1).to(torch.float64).exp().data<double>().CopyTo(answers.Confidences.AsSpan(start));
            LogitConfidence.Of(logProbabilities, labels).to(torch.float32).data<float>().CopyTo(answers.LogitConfidences.AsSpan(start));
            predictions.data<long>().CopyTo(answers.Predictions.AsSpan(start));
            predictions.eq(labels).data<bool>().CopyTo(answers.IsCorrect.AsSpan(start));
        }
        return answers;
    }

    /// <summary>Index of a row's predictions.</summary>
    public int IndexOf(int position) => Positions is null ? position : Array.BinarySearch(Positions, position);

    /// <summary>Share of the rows that the model classifies correctly, in [0, 1].</summary>
    public double Accuracy => IsCorrect.Count(isCorrect => isCorrect) / (double)IsCorrect.Length;

    private static (torch.Tensor Features, torch.Tensor Labels) Slice(TrainingRows rows, int[]? positions, int start, int size)
    {
        if (positions is null)
            return (rows.SliceFeatures(start, size), rows.Labels.narrow(0, start, size));
        var index = torch.tensor(Array.ConvertAll(positions[start..(start + size)], position => (long)position));
        return (rows.SelectFeatures(index), rows.Labels.index_select(0, index));
    }
}
