using TorchSharp;

namespace Unlearn.Transforms.Factors;

/// <summary>What one or several factors learn from the training rows. Its state is named tensors, so that it can be saved.</summary>
public interface IFactorStatistic
{
    /// <summary>Name, unique among all statistics; no <c>/</c> in it.</summary>
    string Name { get; }

    /// <summary>Learns from the training rows.</summary>
    /// <param name="batches">Enumerates the training rows in batches; it may be enumerated several times. Each batch is valid until the next.</param>
    /// <param name="seed">Seed of any random draw.</param>
    /// <returns>The state, on the CPU.</returns>
    /// <exception cref="NotSupportedException">The target is of a kind that the statistic is not defined for.</exception>
    IReadOnlyDictionary<string, torch.Tensor> Fit(IEnumerable<FactorBatch> batches, long seed);
}
