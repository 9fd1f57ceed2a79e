using CsCheck;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors;

/// <summary>What every factor without trace or reference models makes of strange rows.</summary>
public sealed class FactorInputTests
{
    private const int Width = 16;
    private static readonly IReadOnlyList<IHardnessFactor> Factors = [.. HardnessFactors.All.Where(factor => factor.Tier <= FactorTier.T1)];

    private static readonly TorchTarget Cnn = TorchTarget.Untrained(TorchArchitecture.SmallCnn(1, 4, 4, TinyRows.Classes, [2, 3, 4]), TorchDevice.Cpu, seed: 1);
    private static readonly TorchTarget Mlp = TorchTarget.Untrained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 6), TorchDevice.Cpu, seed: 2);

    public static TheoryData<string> Targets => ["cnn", "mlp"];

    private static TorchTarget Target(string name) => name == "cnn" ? Cnn : Mlp;

    [Theory]
    [MemberData(nameof(Targets))]
    public void Rows_in_another_order_have_the_same_values(string name) => Gen.Shuffle(Enumerable.Range(0, 20).ToArray()).Sample(order =>
    {
        var rows = Random(20, seed: 3);
        var expected = FactorFit.Fit(Target(name), rows, Factors).Compute(rows);
        var actual = FactorFit.Fit(Target(name), rows, Factors).Compute(rows.Select(order, Width));
        for (var factor = 0; factor < Factors.Count; factor++)
            for (var row = 0; row < order.Length; row++)
                Assert.True(Math.Abs(expected[factor][order[row]] - actual[factor][row]) <= 1e-3 * Math.Abs(actual[factor][row]) + 1e-5, Factors[factor].Name);
    }, iter: 3, threads: 1);

    [Theory]
    [MemberData(nameof(Targets))]
    public void An_empty_batch_has_no_values(string name)
    {
        var model = FactorFit.Fit(Target(name), Random(12, seed: 4), Factors);
        Assert.All(model.Compute(new FactorRows([], [], [])), Assert.Empty);
        Assert.All(model.Compute(new FactorRows([], [], null)), Assert.Empty);
    }

    public static TheoryData<string, string> StrangeRows
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var target in new[] { "cnn", "mlp" })
                foreach (var rows in new[] { "constant", "zero", "denormal", "large", "class missing", "two rows", "one class", "single of a class" })
                    data.Add(target, rows);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(StrangeRows))]
    public void Strange_training_rows_give_finite_values(string name, string kind)
    {
        var ordinary = Random(12, seed: 5);
        var strange = kind switch
        {
            "constant" => ordinary with { Features = [.. Enumerable.Repeat(0.7f, ordinary.Features.Length)] },
            "zero" => ordinary with { Features = new float[ordinary.Features.Length] },
            "denormal" => ordinary with { Features = [.. ordinary.Features.Select(value => value * 1e-42f)] },
            "large" => ordinary with { Features = [.. ordinary.Features.Select(value => value * 1e6f)] },
            "class missing" => ordinary with { Labels = [.. ordinary.Labels.Select(label => label % 2)] },
            "two rows" => ordinary.Slice(0, 2),
            "one class" => ordinary with { Labels = new long[ordinary.Count] },
            _ => ordinary with { Labels = [1, .. new long[ordinary.Count - 1]] },
        };
        var model = FactorFit.Fit(Target(name), strange, Factors);
        Check(model.Compute(strange));
        Check(model.Compute(ordinary with { Keys = new long[ordinary.Count] }));
    }

    [Fact]
    public void Larger_logits_are_surer()
    {
        var architecture = TorchArchitecture.Mlp(Width, TinyRows.Classes);
        var rows = Random(20, seed: 6);
        Gen.Double[1.1, 4].Sample(scale =>
        {
            using var module = architecture.CreateModule(seed: 2);
            using var target = TorchTarget.FromModule(architecture, module, TorchDevice.Cpu);
            using (torch.no_grad())
                foreach (var parameter in module.parameters())
                    parameter.mul_(scale);
            using var surer = TorchTarget.FromModule(architecture, module, TorchDevice.Cpu);
            IReadOnlyList<IHardnessFactor> factors =
                [HardnessFactors.Entropy, HardnessFactors.LogitMargin, HardnessFactors.BoundaryDistance, HardnessFactors.NeighborDistance];
            var before = FactorFit.Fit(target, rows, factors).Compute(rows);
            var after = FactorFit.Fit(surer, rows, factors).Compute(rows);
            for (var row = 0; row < rows.Count; row++)
            {
                Assert.True(after[0][row] < before[0][row]);
                Assert.Equal(before[1][row] * scale, after[1][row], 1e-4);
                Assert.Equal(before[2][row], after[2][row], 1e-4);
                Assert.Equal(before[3][row], after[3][row], 1e-6);
            }
        }, iter: 5, threads: 1);
    }

    private static void Check(float[][] values)
    {
        for (var factor = 0; factor < values.Length; factor++)
            Assert.True(values[factor].All(float.IsFinite), $"{Factors[factor].Name}: {string.Join(", ", values[factor])}");
    }

    private static FactorRows Random(int count, int seed)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, count * Width).Select(_ => random.NextSingle() * 2 - 1)],
            [.. Enumerable.Range(0, count).Select(row => (long)(row % TinyRows.Classes))], [.. Enumerable.Range(1, count).Select(id => (long)id)]);
    }
}
