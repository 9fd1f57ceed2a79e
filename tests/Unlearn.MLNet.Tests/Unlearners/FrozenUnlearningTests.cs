using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>Layers that an architecture froze stay as they are when rows are unlearned.</summary>
public sealed class FrozenUnlearningTests(FrozenUnlearningTests.Models models) : IClassFixture<FrozenUnlearningTests.Models>
{
    public sealed class Models : IDisposable
    {
        internal UnlearningCase Frozen { get; } = UnlearningCase.Frozen("first.weight", "first.bias");

        public void Dispose() => Frozen.Dispose();
    }

    // Other tests register unlearners of their own.
    public static TheoryData<string> Names =>
        [.. OwnUnlearners.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Frozen_layers_stay_as_they_are_and_others_move(string name)
    {
        var target = models.Frozen.Target;
        // With its usual threshold SSD finds no parameter to shrink here.
        var unlearner = name == "SSD" ? new SelectiveSynapticDampening { SelectionThreshold = 1 } : KnownUnlearners.Find(name);
        using var unlearned = unlearner.Unlearn(models.Frozen.Request(4, 9, 21), CancellationToken.None);
        foreach (var model in unlearned.Model is EnsembleTarget ensemble ? ensemble.Members : [unlearned.Model])
        {
            var after = (TorchTarget)model;
            Assert.Equal(target.Frozen.Order(), after.Frozen.Order());
            if (name is not ("EU" or "SISA"))
                Assert.All(target.Frozen, parameter => Assert.Equal(Values(target, parameter), Values(after, parameter)));
            Assert.Contains(target.Trainable, parameter => !Values(target, parameter.Name).SequenceEqual(Values(after, parameter.Name)));
        }
    }

    [Fact]
    public void Retraining_starts_from_the_frozen_values_that_the_architecture_draws()
    {
        var frozen = models.Frozen;
        using var unlearned = new ExactRetraining().Unlearn(frozen.Request(4), CancellationToken.None);
        using var start = TorchTarget.Untrained(frozen.Recipe.Architecture, TorchDevice.Cpu, Seed.Derive(11, "initialisation"));
        Assert.All(frozen.Target.Frozen, parameter => Assert.Equal(Values(start, parameter), Values((TorchTarget)unlearned.Model, parameter)));
    }

    [Theory]
    [InlineData("LLR", "its last layer is frozen", "output.weight", "output.bias")]
    [InlineData("SSD", "trainable and frozen", "first.weight")]
    [InlineData("IR", "trainable and frozen", "first.weight")]
    [InlineData("CT", "none larger than 1 × 1", "first.weight", "second.weight")]
    public void What_cannot_be_unlearned_for_it_is_named(string name, string cause, params string[] frozen)
    {
        using var data = UnlearningCase.Frozen(frozen);
        Assert.Contains(cause, Assert.Throws<ArgumentException>(() => KnownUnlearners.Find(name).Unlearn(data.Request(4), CancellationToken.None)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Requests_are_not_served_in_stacks()
    {
        var unlearner = new FineTuning();
        Assert.Equal(1, unlearner.BatchSize(models.Frozen.Target, models.Frozen.Recipe with { Stack = 4 }));
        Assert.Contains(
            "frozen",
            Assert.Throws<ArgumentException>(() => unlearner.UnlearnMany([models.Frozen.Request(4), models.Frozen.Request(5)], CancellationToken.None)).Message,
            StringComparison.Ordinal);
    }

    private static float[] Values(TorchTarget target, string parameter) => target.Module.get_parameter(parameter)!.data<float>().ToArray();
}
