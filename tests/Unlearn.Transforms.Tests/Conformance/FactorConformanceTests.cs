using TorchSharp;
using Unlearn.Conformance;
using Unlearn.Transforms.Factors;
using Xunit;

namespace Unlearn.Transforms.Tests.Conformance;

/// <summary>Every factor obeys every rule; and the rules can be broken.</summary>
public sealed class FactorConformanceTests : IDisposable
{
    private const int Width = 6;
    private readonly TrainingRows _rows = TinyRows.Training(40, Width);
    private readonly TorchTarget _target;
    private readonly ReferenceModels _references;

    public FactorConformanceTests()
    {
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5)) { Epochs = 3, BatchSize = 16, Device = TorchDevice.Cpu };
        _target = recipe.TrainWithGradientTrace(_rows, Enumerable.Range(0, _rows.Count).ToArray(), seed: 7);
        _references = ReferenceModels.Train(recipe, _rows, seed: 7, count: 4, workers: 1);
    }

    public static TheoryData<string> Factors => [.. HardnessFactors.All.Select(factor => factor.Name)];

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
    }

    [Theory]
    [MemberData(nameof(Factors))]
    public void A_factor_obeys_every_rule(string name)
    {
        var failures = Failures(HardnessFactors.Find(name));
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    [Fact]
    public void A_factor_that_depends_on_its_batch_is_found_out() =>
        Assert.Contains("A value does not depend on the rows around it",
            Broken(new("BatchMean", FactorTier.T0, "mean loss of the batch", batch => batch.LabelLogProbabilities.mean().expand(batch.Count))));

    [Fact]
    public void A_factor_that_hides_its_need_of_the_label_is_found_out() =>
        Assert.Contains("A factor that needs no label does not change with it",
            Broken(new("SecretLabel", FactorTier.T0, "−log p_y", batch => batch.LabelLogProbabilities) { NeedsLabel = false }));

    [Fact]
    public void A_factor_that_hides_its_need_of_gradients_or_gives_nan_is_found_out()
    {
        var broken = Broken(new("Secret", FactorTier.T0, "0 / 0", batch => torch.zeros(batch.Count) / 0) { Requires = TargetCapabilities.InputGradients });
        Assert.Contains("It says what it is", broken);
        Assert.Contains("Values are finite", broken);
    }

    private List<string> Broken(Factor factor)
    {
        HardnessFactors.Register(factor);
        return [.. Failures(factor).Select(failure => failure.Rule)];
    }

    private List<(string Rule, string Found)> Failures(IHardnessFactor factor)
    {
        List<(string, string)> failures = [];
        foreach (var check in FactorConformance.Checks(new() { Factor = factor, Target = _target, References = _references, CreateData =
            context => TinyRows.View(context, TinyRows.Create(40, Width), Width) }))
        {
            try
            {
                check.Run();
            }
            catch (ConformanceException failure)
            {
                failures.Add((check.Rule, failure.Message));
            }
        }
        return failures;
    }
}
