using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.CrossValidation;

public sealed class ShuffledTreesTests
{
    private const int Rows = 300, Width = 5;

    public static TheoryData<string> Trainers => [.. ByName.Keys];

    private static Dictionary<string, HardnessTrainer> ByName { get; } = new()
    {
        ["FastTree"] = HardnessTrainer.FastTree(trees: 20),
        ["LightGBM"] = HardnessTrainer.LightGbm(trees: 20),
        ["FastForest"] = HardnessTrainer.FastForest(trees: 20),
        ["logistic"] = HardnessTrainer.LogisticRegression(),
    };

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Predictions_are_those_of_ML_NET_for_the_same_rows(string trainer)
    {
        var random = new SeededRandom(3);
        var table = new FactorTable(
        [
            .. Enumerable.Range(0, Width).Select(factor => new FactorColumn
            {
                Name = $"F{factor}",
                Tier = FactorTier.T0,
                // The last factor is of no use: no tree looks at a constant.
                Values = [.. Enumerable.Range(0, Rows).Select(_ => factor == Width - 1 ? 1 : (float)random.NextNormal())],
            }),
        ]);
        int[] all = [.. Enumerable.Range(0, Width)];
        var labels = table.ToRows(all, [.. Enumerable.Range(0, Rows)]).Select(row => row[0] + row[1] * row[2] > 0.5f).ToList();
        var model = FoldModel.Fit(
            table, all, [.. Enumerable.Range(0, 200).Select(row => (row, labels[row]))], [], new() { Trainer = ByName[trainer] }, 1, CancellationToken.None);
        int[] heldOut = [.. Enumerable.Range(200, 100)];
        (int[] Columns, int[][] Sources)[] shuffles =
        [
            .. ((int[][])[[0], [], [4], [1, 2], all]).Select((columns, place) =>
                (columns, Enumerable.Range(0, 3).Select(repetition => Shuffle.Permute(heldOut.Length, 7, 0, place, repetition)).ToArray())),
        ];

        var features = table.ToRows(all, heldOut);
        Assert.Equal(trainer != "logistic", ShuffledTrees.Of(model.Transformer, features) is not null);
        var expected = model
            .Predict(FactorTable.Shuffled(features, [.. shuffles.SelectMany(of => of.Sources.Select(source => (of.Columns, source)))]))
            .Chunk(heldOut.Length).ToList();
        var found = model.PredictShuffled(heldOut, shuffles).ToList();
        Assert.Equal(expected.Count, found.Count);
        foreach (var (a, b) in expected.Zip(found))
            Assert.All(a.Zip(b), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(found[3], found[6]); // shuffling nothing, and a constant
        Assert.NotEqual(found[3], found[0]);
    }

    [Fact]
    public void Places_are_shuffled_anew_for_each_repetition()
    {
        var (first, second) = (Shuffle.Permute(50, 1, 0, 0, 0), Shuffle.Permute(50, 1, 0, 0, 1));
        Assert.Equal(Enumerable.Range(0, 50), first.Order());
        Assert.Equal(first, Shuffle.Permute(50, 1, 0, 0, 0));
        Assert.NotEqual(first, second);
    }
}
