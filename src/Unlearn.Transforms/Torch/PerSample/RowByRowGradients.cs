using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.Modules;

namespace Unlearn.Transforms.Torch.PerSample;

/// <summary>Per-row gradients one row at a time by autograd: slow, and right for every kind of layer.</summary>
internal static class RowByRowGradients
{
    /// <summary>‖∇_θ Σ_k v_nk f_nk‖₂ over all parameters, for each row.</summary>
    /// <param name="network">The network.</param>
    /// <param name="features">rows × features.</param>
    /// <param name="logitGradients">v: rows × classes. With v = p − onehot(y) it is the gradient of the loss.</param>
    public static torch.Tensor Norms(TorchNetwork network, torch.Tensor features, torch.Tensor logitGradients)
    {
        using var scope = torch.NewDisposeScope();
        var norms = new double[features.shape[0]];
        ForEach(network, features, logitGradients, (row, gradients) => norms[row] = Math.Sqrt(gradients.Sum(gradient => SquaredNorm(gradient.Gradient))));
        return torch.tensor(norms).to(torch.ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Visits ∇_θ Σ_k v_nk f_nk of each row, for the parameters that the logits depend on, by their names in the module.</summary>
    /// <param name="network">The network.</param>
    /// <param name="features">rows × features.</param>
    /// <param name="logitGradients">v: rows × classes.</param>
    /// <param name="visit">Gets the row's number and its gradients, which are valid until it returns.</param>
    public static void ForEach(
        TorchNetwork network, torch.Tensor features, torch.Tensor logitGradients, Action<int, IReadOnlyList<(string Parameter, torch.Tensor Gradient)>> visit)
    {
        using var grad = torch.enable_grad();
        using var copy = network.Clone();
        copy.Module.to(features.dtype);
        copy.SetState(network.Module.state_dict());
        copy.SetTrainable(true);
        (string Name, Parameter Parameter)[] parameters = [.. copy.Trainable];
        for (var row = 0; row < features.shape[0]; row++)
        {
            using var scope = torch.NewDisposeScope();
            var logits = copy.Forward(features.narrow(0, row, 1).to(copy.Device));
            if (!logits.requires_grad || parameters.Length == 0)
            {
                visit(row, []);
                continue;
            }
            var gradients = torch.autograd.grad(
                [logits], [.. parameters.Select(parameter => parameter.Parameter)], [logitGradients.narrow(0, row, 1).to(copy.Device)], allow_unused: true);
            visit(row, [.. parameters.Zip(gradients, (parameter, gradient) => (parameter.Name, gradient)).Where(pair => !pair.gradient.IsInvalid)]);
        }
    }

    /// <summary>‖g‖², in double precision.</summary>
    public static double SquaredNorm(torch.Tensor gradient) => gradient.to(torch.ScalarType.Float64).Square().sum().item<double>();
}
