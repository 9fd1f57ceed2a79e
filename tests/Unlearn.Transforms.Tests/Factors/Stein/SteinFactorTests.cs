using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Stein;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Stein;

public sealed class SteinFactorTests
{
    [Theory]
    [InlineData("mlp")]
    [InlineData("cnn")]
    public void Factors_equal_the_stein_kernel_summed_over_all_pairs(string name)
    {
        using var rows = TinyRows.Training(25, 64);
        using var target = TinyRows.Trained(
            name == "mlp" ? TorchArchitecture.Mlp(64, TinyRows.Classes, 6) : TorchArchitecture.SmallCnn(1, 8, 8, TinyRows.Classes, [3, 4, 6]), rows);
        using var oracle = new DoubleTarget(target);
        var values = FactorFit.Fit(target, rows, HardnessFactors.SteinScoreNorm, HardnessFactors.SteinMarginal).Compute(FactorFit.Rows(rows));

        var data = Enumerable.Range(0, rows.Count).Select(row => Data(rows, row)).ToList();
        var scores = Enumerable.Range(0, rows.Count).Select(row => Score(oracle, rows, row)).ToList();
        var dimensions = data[0].Length;
        double Kappa(int a, int b) => Dot(scores[a], scores[b]) * Dot(data[a], data[b]) + Dot(scores[a], data[a]) + Dot(data[b], scores[b]) + dimensions;
        var constant = Enumerable.Range(0, rows.Count).Average(b => Dot(data[b], scores[b])) + dimensions;
        for (var row = 0; row < rows.Count; row++)
        {
            Assert.Equal(Math.Sqrt(Dot(scores[row], scores[row])), values[0][row], 1e-4);
            var expected = Enumerable.Range(0, rows.Count).Average(b => Kappa(row, b)) - constant;
            Assert.Equal(expected, values[1][row], 1e-4 * Math.Abs(expected) + 1e-4);
        }
    }

    /// <summary>Ids have no gradient: a network of tokens has the factors of the network that is given the embeddings themselves.</summary>
    [Fact]
    public void The_embeddings_of_tokens_stand_for_the_features()
    {
        const int Tokens = 6, Vocabulary = 9, Dimensions = 4;
        var random = new Random(1);
        float[] ids = [.. Enumerable.Range(0, 25 * Tokens).Select(_ => 1f + random.Next(Vocabulary - 1))];
        long[] labels = [.. Enumerable.Range(0, 25).Select(row => row % 3L)];
        using var target = TorchTarget.Untrained(TorchArchitecture.BagOfTokens(Tokens, Vocabulary, Dimensions, 3, 5), TorchDevice.Cpu, seed: 1);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var state = target.Module.state_dict();
        var table = state.Single(entry => entry.Value.shape is [Vocabulary, Dimensions]).Value;
        float[] embedded = [.. table.index_select(0, TorchSharp.torch.tensor(ids).to(TorchSharp.torch.int64)).data<float>()];

        var rest = state.Where(entry => entry.Value.shape is not [Vocabulary, Dimensions]).ToList();
        using var onEmbeddings = TorchTarget.Untrained(
            TorchArchitecture.Custom("mean-of-embeddings", [Tokens, Dimensions], 3, () => new MeanThenMlp(Dimensions, 5, 3)), TorchDevice.Cpu, seed: 2);
        onEmbeddings.SetState(onEmbeddings.Module.state_dict().Keys.Zip(rest, (name, entry) => (name, entry.Value)).ToDictionary(
            entry => entry.name, entry => entry.Value));

        var actual = FactorFit.Fit(target, new FactorRows(ids, labels, null), HardnessFactors.SteinScoreNorm, HardnessFactors.SteinMarginal)
            .Compute(new FactorRows(ids, labels, null));
        var expected = FactorFit.Fit(onEmbeddings, new FactorRows(embedded, labels, null), HardnessFactors.SteinScoreNorm, HardnessFactors.SteinMarginal)
            .Compute(new FactorRows(embedded, labels, null));
        for (var row = 0; row < 25; row++)
        {
            Assert.Equal(expected[0][row], actual[0][row], 1e-5);
            Assert.Equal(expected[1][row], actual[1][row], 1e-5);
        }
    }

    [Fact]
    public void Data_too_wide_for_a_square_matrix_is_refused_before_any_pass()
    {
        using var target = TorchTarget.Untrained(TorchArchitecture.Mlp(SteinMoments.LargestWidth, 2), TorchDevice.Cpu, seed: 1);
        var failure = Assert.Throws<NotSupportedException>(() => FactorFit.Fit(target, new FactorRows([], [], null), HardnessFactors.SteinMarginal));
        Assert.Contains("SteinScoreNorm", failure.Message, StringComparison.Ordinal);
    }

    private static double[] Data(TrainingRows rows, int row) =>
        [.. rows.FeaturesAt(row).ToArray(), .. Enumerable.Range(0, TinyRows.Classes).Select(k => k == rows.LabelAt(row) ? 1.0 : 0)];

    private static double[] Score(DoubleTarget target, TrainingRows rows, int row)
    {
        double[] x = [.. rows.FeaturesAt(row).ToArray()];
        return [.. target.InputGradient(x, logits => logits.log_softmax(0)[rows.LabelAt(row)]), .. target.Probabilities(x)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private sealed class MeanThenMlp : TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>
    {
        private readonly TorchSharp.Modules.Linear _hidden;
        private readonly TorchSharp.Modules.Linear _output;

        public MeanThenMlp(int dimensions, int hidden, int classes)
            : base(nameof(MeanThenMlp))
        {
            _hidden = TorchSharp.torch.nn.Linear(dimensions, hidden);
            _output = TorchSharp.torch.nn.Linear(hidden, classes);
            RegisterComponents();
        }

        public override TorchSharp.torch.Tensor forward(TorchSharp.torch.Tensor input) => _output.call(_hidden.call(input.mean([1])).relu());
    }
}
