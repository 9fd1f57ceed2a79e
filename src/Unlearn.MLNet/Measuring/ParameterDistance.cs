using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet.Measuring;

/// <summary>How far an unlearned model's parameters lie from those it started from.</summary>
internal static class ParameterDistance
{
    /// <summary>
    /// ‖θ_u − θ_0‖₂ / ‖θ_0‖₂; of an ensemble over all its members. <see langword="null"/> where the models are no Torch modules of one shape, or θ_0
    /// is 0.
    /// </summary>
    public static double? Relative(ITarget unlearned, ITarget original)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        if (Parameters(unlearned) is not { } after || Parameters(original) is not { } before
            || !after.Select(tensor => tensor.numel()).SequenceEqual(before.Select(tensor => tensor.numel())))
            return null;
        var (distance, norm) = (Length(after.Zip(before, (a, b) => a - b)), Length(before));
        return norm > 0 ? distance / norm : null;
    }

    private static double Length(IEnumerable<torch.Tensor> tensors) => Math.Sqrt(tensors.Sum(tensor => tensor.to(torch.float64).Square().sum().item<double>()));

    private static List<torch.Tensor>? Parameters(ITarget model) => model switch
    {
        TorchTarget torchTarget => [.. torchTarget.Module.parameters()],
        EnsembleTarget ensemble when ensemble.Members.All(member => member is TorchTarget) => [.. ensemble.Members.SelectMany(member => Parameters(member)!)],
        _ => null,
    };
}
