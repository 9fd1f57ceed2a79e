using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch;

/// <summary>Looks for numbers in a module that are not finite: nothing that holds one is a trained model.</summary>
internal static class FiniteState
{
    /// <summary>
    /// The first parameter or buffer that is not finite, in words; <see langword="null"/> if there is none. Buffers may hold infinities, such as an
    /// attention's mask, but for the running statistics of normalization.
    /// </summary>
    public static string? FindOffender(Module module)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var (name, parameter) in module.named_parameters())
            if (!AllFinite(parameter))
                return $"parameter '{name}'";
        foreach (var (name, buffer) in module.named_buffers())
            if (buffer is not null && buffer.is_floating_point() && !(IsStatistic(name) ? AllFinite(buffer) : !buffer.isnan().any().item<bool>()))
                return $"buffer '{name}'";
        return null;
    }

    /// <summary>Refuses a target made of numbers that are not finite.</summary>
    /// <param name="target">The target, which is disposed if it is refused.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">A parameter or buffer is NaN or infinite.</exception>
    public static TorchTarget Require(TorchTarget target)
    {
        if (FindOffender(target.Module) is not { } offender)
            return target;
        var name = target.Architecture.Name;
        target.Dispose();
        throw new ArgumentException($"The {offender} of a model of architecture '{name}' holds NaN or infinite values, so it is no trained model: "
            + "train it again at a lower learning rate.");
    }

    private static bool AllFinite(torch.Tensor tensor) => !tensor.is_floating_point() || tensor.isfinite().all().item<bool>();

    private static bool IsStatistic(string name) =>
        name.EndsWith("running_mean", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal);
}
