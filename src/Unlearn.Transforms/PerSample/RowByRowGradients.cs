using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms.PerSample;

/// <summary>Per-row gradients one row at a time by autograd: slow, and right for every kind of layer.</summary>
internal static class RowByRowGradients
{
    /// <summary>‖∇_θ ℓ‖₂ over all parameters, for each row.</summary>
    public static torch.Tensor Norms(TorchTarget target, torch.Tensor features, torch.Tensor labels)
    {
        using var scope = torch.NewDisposeScope();
        using var grad = torch.enable_grad();
        var copy = target.Clone();
        copy.SetTrainable(true);
        try
        {
            Parameter[] parameters = [.. copy.Module.parameters()];
            var norms = new float[features.shape[0]];
            for (var row = 0; row < norms.Length; row++)
            {
                using var rowScope = torch.NewDisposeScope();
                var loss = torch.nn.functional.cross_entropy(copy.Forward(features[row..(row + 1)]), labels[row..(row + 1)]);
                var gradients = torch.autograd.grad([loss], [.. parameters], allow_unused: true);
                norms[row] = MathF.Sqrt(gradients.Where(gradient => !gradient.IsInvalid).Sum(gradient => gradient.square().sum().item<float>()));
            }
            return torch.tensor(norms).MoveToOuterDisposeScope();
        }
        finally
        {
            copy.Dispose();
        }
    }
}
