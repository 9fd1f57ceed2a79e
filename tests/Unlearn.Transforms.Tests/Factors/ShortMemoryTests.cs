using System.Runtime.InteropServices;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors;

/// <summary>A device that has memory for a few rows alone.</summary>
public sealed class ShortMemoryTests : IDisposable
{
    private readonly TrainingRows _rows = TinyRows.Training(30, 6);
    private readonly TorchTarget _target;
    private readonly List<string> _warnings = [];

    public ShortMemoryTests() => _target = TinyRows.Trained(TorchArchitecture.Mlp(6, TinyRows.Classes, 4), _rows);

    [Theory]
    [InlineData(30, 0)]
    [InlineData(8, 2)]
    [InlineData(1, 4)]
    public void A_batch_is_halved_until_it_fits_and_the_user_is_told(int most, int warnings)
    {
        var model = Fit(new Hungry(most));
        Assert.Equal(warnings, _warnings.Count);
        float[][] values = [[]];
        model.Compute([0], FactorFit.Rows(_rows), values);
        // It is known by now.
        Assert.Equal(warnings, _warnings.Count);
        Assert.Equal([.. Enumerable.Range(0, 30).Select(row => _rows.FeaturesAt(row)[0])], values[0]);
        Assert.All(_warnings, warning => Assert.Contains("out of memory", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void One_row_that_does_not_fit_ends_it() => Assert.Throws<TorchException>(() => Fit(new Hungry(0)));

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
    }

    private FactorModel Fit(Hungry factor) =>
        FactorModel.Fit(_target.Clone(), [factor], FactorFit.Rows(_rows), null, null, UnknownLabelHandling.Missing, 30, 1, () => { }, _warnings.Add);

    private sealed class Hungry(int most) : IHardnessFactor, IFactorStatistic
    {
        public string Name => "Hungry";

        public FactorTier Tier => FactorTier.T0;

        public TargetCapabilities Requires => TargetCapabilities.Logits;

        public bool NeedsLabel => false;

        public bool NeedsRowId => false;

        public string Formula => "first feature";

        public string Cost => "";

        public string Source => "";

        public IFactorStatistic Statistic => this;

        public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
        {
            var count = 0L;
            foreach (var batch in training.Batches)
                count += Taken(batch).shape[0];
            Assert.Equal(30, count);
            return new Dictionary<string, torch.Tensor>();
        }

        public torch.Tensor Compute(FactorBatch batch) => Taken(batch).clone();

        private torch.Tensor Taken(FactorBatch batch) => batch.Count <= most ? batch.Features.select(1, 0)
            : throw new TorchException("CUDA out of memory. Tried to allocate 20.00 GiB.");
    }

    // TorchSharp throws the base type.
    private sealed class TorchException(string message) : ExternalException(message);
}
