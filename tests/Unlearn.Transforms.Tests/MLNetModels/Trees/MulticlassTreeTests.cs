using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using TorchSharp;
using Unlearn.Transforms.Tests.Factors.Influence;
using Xunit;

namespace Unlearn.Transforms.Tests.MLNetModels.Trees;

/// <summary>Trees of several classes: one ensemble for each, under one-versus-all or softmax.</summary>
public sealed class MulticlassTreeTests(ITestOutputHelper output)
{
    private const string OneVersusAll = "LightGBM, one versus all";
    private const string Softmax = "LightGBM, softmax";
    private const string FastTrees = "FastTree under OneVersusAll";
    private const int Count = 120;
    private readonly MLContext _context = new(1);
    private readonly List<TinyRows.Row> _rows = TinyRows.Create(Count, 5);

    public static TheoryData<string> Models => [OneVersusAll, Softmax, FastTrees];

    [Theory]
    [MemberData(nameof(Models))]
    public void Its_probabilities_are_those_of_the_model(string name)
    {
        using var scope = torch.NewDisposeScope();
        var model = Train(name);
        using var target = TreeEnsembleTarget.FromModel(model);
        var unseen = TinyRows.Create(90, 5, seed: 2);
        var expected = model.Transform(View(unseen)).GetColumn<float[]>("Score").ToArray();
        var actual = target.Logits(torch.tensor(unseen.SelectMany(row => row.Features).ToArray(), [unseen.Count, 5])).softmax(1);
        Assert.Equal(TinyRows.Classes, target.ClassCount);
        Assert.True(expected.Max(row => row.Max()) > 0.6f);
        for (var row = 0; row < unseen.Count; row++)
            for (var k = 0; k < TinyRows.Classes; k++)
                Assert.Equal(expected[row][k], actual[row, k].item<float>(), 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void It_is_what_a_target_is_made_of_where_a_model_is_of_trees(string name)
    {
        using var target = MLNetTarget.FromTransformer(Train(name), View(_rows).Schema);
        Assert.IsType<TreeEnsembleTarget>(target);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void LeafInfluence_is_the_change_of_refitted_leaf_values(string name)
    {
        using var target = TreeEnsembleTarget.FromModel(Train(name));
        var oracle = new LeafRefit(target, [.. _rows.Select(row => row.Features)], [.. _rows.Select(row => (int)row.Label)]);
        var actual = Factor(target, HardnessFactors.LeafInfluence);
        output.WriteLine($"{name}: η {oracle.Rate:F4}, start {oracle.Start[0]:F3}");
        for (var row = 0; row < Count; row++)
            Assert.Equal(oracle.WithoutConsequences(row), actual[row], 1e-4 * Math.Max(1, Math.Abs(actual[row])));
    }

    /// <summary>A row with a wrong label holds up its own leaves, against all others in them.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Mislabeled_rows_have_more_influence(string name)
    {
        foreach (var row in _rows.Take(12))
            row.Label = (row.Label + 1) % TinyRows.Classes;
        using var target = TreeEnsembleTarget.FromModel(Train(name));
        var influences = Factor(target, HardnessFactors.LeafInfluence);
        var (wrong, right) = (influences.Take(12).Average(), influences.Skip(12).Average());
        output.WriteLine($"{name}: mislabeled {wrong:F3}, others {right:F3}");
        Assert.True(wrong > 2 * right, $"mislabeled {wrong}, others {right}");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_loaded_model_gives_the_same_factors(string name)
    {
        using var target = TreeEnsembleTarget.FromModel(Train(name));
        TinyTrees.AssertSameFactorsWhenLoaded(_context, target, View(_rows));
    }

    [Fact]
    public void Classes_without_probabilities_are_a_black_box_and_say_why()
    {
        var trainer = _context.MulticlassClassification.Trainers.OneVersusAll(FastTree(), useProbabilities: false);
        var model = trainer.Fit(View(_rows));
        var error = Assert.Throws<NotSupportedException>(() => TreeEnsembleTarget.FromModel(model));
        Assert.Contains("useProbabilities", error.Message, StringComparison.Ordinal);
        using var target = MLNetTarget.FromTransformer(model, View(_rows).Schema);
        Assert.IsType<MLNetTarget>(target);
    }

    [Fact]
    public void Forests_of_classes_are_a_black_box()
    {
        var forest = _context.BinaryClassification.Trainers
            .FastForest(new FastForestBinaryTrainer.Options { NumberOfTrees = 5, NumberOfLeaves = 4, MinimumExampleCountPerLeaf = 5, NumberOfThreads = 1 });
        using var target = MLNetTarget.FromTransformer(_context.MulticlassClassification.Trainers.OneVersusAll(forest).Fit(View(_rows)), View(_rows).Schema);
        Assert.IsType<MLNetTarget>(target);
    }

    [Fact]
    public void LeafInfluence_is_refused_where_softmax_trees_do_not_go_together()
    {
        using var whole = TreeEnsembleTarget.FromModel(Train(Softmax));
        var trees = whole.Ensemble;
        Assert.Equal(12, trees.Scores.Count(score => score == 2));
        var last = trees.Roots[^1];
        using var target = new TreeEnsembleTarget(new()
        {
            IsBoosted = true,
            Link = trees.Link,
            Starts = trees.Starts,
            Scores = trees.Scores[..^1],
            Roots = trees.Roots[..^1],
            Left = trees.Left[..last],
            Right = trees.Right[..last],
            Features = trees.Features[..last],
            Thresholds = trees.Thresholds[..last],
            CategoryStarts = trees.CategoryStarts[..(last + 1)],
            Categories = trees.Categories,
            LeafValues = trees.LeafValues[..(last + trees.TreeCount - 1)],
        }, whole.FeatureCount);
        Assert.Contains(
            "UseSoftmax", Assert.Throws<NotSupportedException>(() => Factor(target, HardnessFactors.LeafInfluence)).Message, StringComparison.Ordinal);
    }

    private float[] Factor(ITarget target, IHardnessFactor factor) =>
        [.. _context.Transforms
            .UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [factor] })
            .Fit(View(_rows))
            .Transform(View(_rows))
            .GetColumn<float>(factor.Name)];

    private MulticlassPredictionTransformer<OneVersusAllModelParameters> Train(string name) => name switch
    {
        FastTrees => _context.MulticlassClassification.Trainers.OneVersusAll(FastTree()).Fit(View(_rows)),
        _ => _context.MulticlassClassification.Trainers.LightGbm(new LightGbmMulticlassTrainer.Options
        {
            NumberOfIterations = 12,
            NumberOfLeaves = 6,
            MinimumExampleCountPerLeaf = 5,
            LearningRate = 0.2,
            NumberOfThreads = 1,
            UseSoftmax = name == Softmax,
        }).Fit(View(_rows)),
    };

    private FastTreeBinaryTrainer FastTree() => TinyTrees.FastTree(_context, trees: 12, leaves: 6);

    private IDataView View(IEnumerable<TinyRows.Row> rows)
    {
        var schema = SchemaDefinition.Create(typeof(TinyRows.Row));
        schema[nameof(TinyRows.Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 5);
        return _context.Data.LoadFromEnumerable(rows, schema);
    }
}
