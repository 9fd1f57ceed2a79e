using System.Runtime.InteropServices;
using TorchSharp;
using Unlearn.Transforms.Runtime;
using Unlearn.Transforms.Tests.Factors;
using Xunit;

namespace Unlearn.Transforms.Tests.Runtime;

public sealed class EarlyCollectionTests
{
    private const string Message =
        "Expected false to be true, but got false.\nException raised from toFloat at /pytorch/c10/core/Scalar.h:140 (most recent call first):";

    private sealed class NativeFailure(string message) : ExternalException(message);

    /// <summary>The number of features of a row; at first it fails a few times, as if numbers had been lost.</summary>
    private sealed class LosesNumbers(int times) : IHardnessFactor, IFactorStatistic
    {
        private int _fits;
        private int _computations;

        public string Name => nameof(LosesNumbers);

        public FactorTier Tier => FactorTier.T0;

        public string Formula => "features";

        public string Cost => "nothing";

        public string Source => "our own definition";

        public TargetCapabilities Requires => TargetCapabilities.Logits;

        public bool NeedsLabel => false;

        public bool NeedsRowId => false;

        public IFactorStatistic? Statistic => this;

        public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training) =>
            _fits++ < times
                ? throw new NativeFailure(Message)
                : new Dictionary<string, torch.Tensor> { ["width"] = torch.tensor((float)training.Target.FeatureCount) };

        public torch.Tensor Compute(FactorBatch batch) =>
            _computations++ < times ? throw new NativeFailure(Message) : batch.State(this)["width"].expand(batch.Count);
    }

    [Fact]
    public void Factors_whose_numbers_were_lost_are_fitted_and_computed_again()
    {
        using var rows = TinyRows.Training(12, 6);
        using var target = TorchTarget.Untrained(TorchArchitecture.Mlp(rows.FeatureCount, rows.ClassCount), TorchDevice.Cpu, seed: 1);
        Assert.All(FactorFit.Compute(target, rows, new LosesNumbers(2)), value => Assert.Equal(rows.FeatureCount, value));
    }

    [Fact]
    public void What_goes_on_failing_or_fails_for_another_reason_is_thrown()
    {
        var attempts = 0;
        Assert.Throws<NativeFailure>(() => EarlyCollection.Retry<int>(() => { attempts++; throw new NativeFailure(Message); }));
        Assert.Equal(5, attempts);
        Assert.Throws<NativeFailure>(() => EarlyCollection.Retry<int>(() => { attempts++; throw new NativeFailure("out of memory"); }));
        Assert.Equal(6, attempts);
        Assert.Equal(7, EarlyCollection.Retry(() => ++attempts));
        Assert.True(EarlyCollection.Explains(new NativeFailure("Unknown scalar type.")));
    }
}
