using TorchSharp;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>Gradients of the loss with respect to the logits.</summary>
internal static class LogitGradients
{
    /// <summary>p − onehot(y): rows × classes. The entry of y is minus the sum of the others, since 1 − p_y would cancel in a saturated model.</summary>
    /// <param name="logProbabilities">log p: rows × classes.</param>
    /// <param name="labels">y, or any other class for each row.</param>
    public static torch.Tensor OfLoss(torch.Tensor logProbabilities, torch.Tensor labels)
    {
        var index = labels.unsqueeze(1);
        var others = logProbabilities.exp().scatter(1, index, torch.zeros_like(index, dtype: logProbabilities.dtype));
        return others.scatter(1, index, others.sum(1, keepdim: true).neg());
    }
}
