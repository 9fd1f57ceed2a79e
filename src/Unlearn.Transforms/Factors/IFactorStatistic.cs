using TorchSharp;

namespace Unlearn.Transforms;

/// <summary>What one or several factors learn from the training rows. Its state is named tensors, so that it can be saved.</summary>
public interface IFactorStatistic
{
    /// <summary>Name, unique among all statistics; no <c>/</c> in it.</summary>
    string Name { get; }

    /// <summary>Learns from the training rows.</summary>
    /// <param name="training">The training rows and what else there is to learn from.</param>
    /// <returns>The state, on the CPU.</returns>
    /// <exception cref="NotSupportedException">The target is of a kind that the statistic is not defined for.</exception>
    IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training);
}
