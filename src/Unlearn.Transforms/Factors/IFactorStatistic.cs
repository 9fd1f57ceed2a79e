using TorchSharp;

namespace Unlearn.Transforms;

/// <summary>A statistic that one or several factors learn from the training rows. Its state is named tensors, so that it can be saved.</summary>
public interface IFactorStatistic
{
    /// <summary>Name, unique among all statistics; no <c>/</c> in it.</summary>
    string Name { get; }

    /// <summary>Learns from the training rows.</summary>
    /// <param name="training">The training rows and other data to learn from.</param>
    /// <returns>The state, on the CPU. The caller disposes it.</returns>
    /// <exception cref="NotSupportedException">The statistic is not defined for this kind of target.</exception>
    IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training);
}
