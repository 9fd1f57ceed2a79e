using TorchSharp;

namespace Unlearn.MLNet.Unlearners.ParameterUpdates;

/// <summary>p_y of rows.</summary>
internal static class Confidence
{
    /// <summary>Rows that are asked for at once, so that memory does not grow with their number.</summary>
    public const int RowsAtOnce = 1024;

    /// <summary>p_y from logits.</summary>
    /// <param name="logits">Logits, with the classes in dimension 1.</param>
    /// <param name="labels">The rows' classes y: of the same shape, with 1 in dimension 1.</param>
    /// <returns>One number for each label, in their order.</returns>
    public static double[] Of(torch.Tensor logits, torch.Tensor labels) =>
        torch.nn.functional.log_softmax(logits, 1).gather(1, labels).to(torch.float64).exp().data<double>().ToArray();
}
