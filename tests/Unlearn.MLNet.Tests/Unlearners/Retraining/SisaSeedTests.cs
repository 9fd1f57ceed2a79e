using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners.Retraining;

public sealed class SisaSeedTests
{
    // A learning rate next to nothing leaves the models where their seeds put them.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_shards_start_from_different_weights(int requests)
    {
        using var rows = TinyStudy.Rows(30);
        var recipe = TinyStudy.Recipe with { Epochs = 1, LearningRate = 1e-12, Stack = requests };
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 3);
        var sisa = new Sisa { Shards = 3, Slices = 1 };
        using var batch = sisa.UnlearnMany(
            [.. Enumerable.Range(0, requests).Select(i => new UnlearningRequest(target, recipe, rows, [5], seed: 11 + 100 * i))], CancellationToken.None);
        var states = new List<float[]>();
        for (var i = 0; i < requests; i++)
        {
            using var unlearned = batch.Take(i);
            states.AddRange(((EnsembleTarget)unlearned.Original!).Members.Select(UnlearningCase.State));
        }
        Assert.Equal(3 * requests, states.Count);
        for (var i = 0; i < states.Count; i++)
            for (var j = 0; j < i; j++)
                Assert.True(states[i].Zip(states[j], (a, b) => Math.Abs(a - b)).Max() > 0.01, $"Members {j} and {i} are the same.");
    }
}
