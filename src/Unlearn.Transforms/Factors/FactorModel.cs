using TorchSharp;
using Unlearn.Transforms.PerSample;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms.Factors;

/// <summary>A target with fitted factors: computes any of them for any rows. Used from several threads at once.</summary>
internal sealed class FactorModel
{
    /// <summary>Takes over the target.</summary>
    public FactorModel(ITarget target, IReadOnlyList<IHardnessFactor> factors, IReadOnlyDictionary<string, IReadOnlyDictionary<string, torch.Tensor>> states)
    {
        Target = target;
        Factors = factors;
        States = states;
        PerSample = target is TorchTarget torchTarget ? new PerSampleModule(torchTarget) : null;
        foreach (var tensor in states.Values.SelectMany(state => state.Values))
            tensor.DetachFromDisposeScope();
    }

    public ITarget Target { get; }

    public IReadOnlyList<IHardnessFactor> Factors { get; }

    /// <summary>State of each statistic, by its name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, torch.Tensor>> States { get; }

    public PerSampleModule? PerSample { get; }

    /// <summary>Learns the statistics that the factors need.</summary>
    /// <param name="target">The target; the model takes it over.</param>
    /// <param name="factors">The factors.</param>
    /// <param name="features">Training rows × features.</param>
    /// <param name="labels">Labels of the training rows, from 0.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="seed">Seed of all random draws.</param>
    /// <param name="afterBatch">Called after every batch.</param>
    public static FactorModel Fit(ITarget target, IReadOnlyList<IHardnessFactor> factors, torch.Tensor features, torch.Tensor labels, int batchSize, long seed, Action<string> afterBatch)
    {
        var states = new Dictionary<string, IReadOnlyDictionary<string, torch.Tensor>>(StringComparer.Ordinal);
        var model = new FactorModel(target, factors, states);
        foreach (var statistic in factors.Select(factor => factor.Statistic).OfType<IFactorStatistic>().Distinct())
        {
            using var scope = torch.NewDisposeScope();
            var state = statistic.Fit(Batches(statistic.Name), Seed.Derive(seed, statistic.Name));
            foreach (var tensor in state.Values)
                tensor.DetachFromDisposeScope();
            states[statistic.Name] = state;
        }
        return model;

        IEnumerable<FactorBatch> Batches(string statistic)
        {
            for (long start = 0; start < features.shape[0]; start += batchSize)
            {
                using var scope = torch.NewDisposeScope();
                var end = Math.Min(start + batchSize, features.shape[0]);
                yield return new FactorBatch(model, features.slice(0, start, end, 1), labels.slice(0, start, end, 1), withGradients: true);
                afterBatch(statistic);
            }
        }
    }

    /// <summary>Computes some factors of some rows.</summary>
    /// <param name="asked">Positions of the factors in <see cref="Factors"/>.</param>
    /// <param name="features">Rows × features, row-major.</param>
    /// <param name="labels">Labels from 0; −1 for a row without one.</param>
    /// <param name="values">Per factor of <see cref="Factors"/>, receives one value per row; NaN where a label is needed and missing.</param>
    public void Compute(IReadOnlyList<int> asked, float[] features, long[] labels, float[][] values)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var batch = new FactorBatch(this,
            torch.tensor(features, [labels.Length, Target.FeatureCount]),
            torch.tensor(labels).clamp_min(0),
            withGradients: asked.Any(factor => (Factors[factor].Requires & ~TargetCapabilities.Logits) != 0));
        foreach (var factor in asked)
        {
            var column = values[factor] = Factors[factor].Compute(batch).to(torch.ScalarType.Float32).cpu().data<float>().ToArray();
            if (Factors[factor].NeedsLabel)
                for (var row = 0; row < column.Length; row++)
                    if (labels[row] < 0)
                        column[row] = float.NaN;
        }
    }
}
