using System.Numerics.Tensors;
using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>The weighted sum of the cross-entropies of each model's rows, and its gradient, in the memory of the logits.</summary>
internal static class StackedCrossEntropy
{
    /// <summary>Turns logits z into the gradient of the loss, w·(softmax(z) − onehot(y)).</summary>
    /// <param name="logits">K × classes × rows, contiguous; overwritten by the gradient.</param>
    /// <param name="labels">Class of each row: K × rows.</param>
    /// <param name="weights">w: K × rows.</param>
    /// <returns>Each model's loss.</returns>
    public static float[] Differentiate(torch.Tensor logits, ReadOnlySpan<long> labels, ReadOnlySpan<float> weights)
    {
        var (models, classes, rows) = ((int)logits.shape[0], (int)logits.shape[1], (int)logits.shape[2]);
        var all = FloatSpan.Of(logits);
        var losses = new float[models];
        Span<float> shift = new float[rows], sum = new float[rows];
        for (var model = 0; model < models; model++)
        {
            var ofModel = all.Slice(model * classes * rows, classes * rows);
            losses[model] = Differentiate(ofModel, labels.Slice(model * rows, rows), weights.Slice(model * rows, rows), shift, sum);
        }
        return losses;
    }

    private static float Differentiate(Span<float> logits, ReadOnlySpan<long> labels, ReadOnlySpan<float> weights, Span<float> shift, Span<float> sum)
    {
        var rows = labels.Length;
        logits[..rows].CopyTo(shift);
        for (var at = rows; at < logits.Length; at += rows)
            TensorPrimitives.Max(shift, logits.Slice(at, rows), shift);
        var loss = 0.0;
        for (var row = 0; row < rows; row++)
            loss += weights[row] * (double)(shift[row] - logits[(int)labels[row] * rows + row]);
        sum.Clear();
        for (var at = 0; at < logits.Length; at += rows)
            TensorPrimitives.Subtract(logits.Slice(at, rows), shift, logits.Slice(at, rows));
        TensorPrimitives.Exp(logits, logits);
        for (var at = 0; at < logits.Length; at += rows)
            TensorPrimitives.Add(sum, logits.Slice(at, rows), sum);
        TensorPrimitives.Divide(weights, sum, shift);
        for (var at = 0; at < logits.Length; at += rows)
            TensorPrimitives.Multiply(logits.Slice(at, rows), shift, logits.Slice(at, rows));
        for (var row = 0; row < rows; row++)
            logits[(int)labels[row] * rows + row] -= weights[row];
        TensorPrimitives.Log(sum, sum);
        return (float)(loss + TensorPrimitives.Dot(weights, sum));
    }
}
