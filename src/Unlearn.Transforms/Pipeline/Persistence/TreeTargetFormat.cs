using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.Transforms.MLNetModels.Trees;

namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>Tree ensembles: their arrays.</summary>
internal sealed class TreeTargetFormat : ITargetFormat
{
    private const string TreesEntry = "trees.safetensors";
    private const string Sizes = "feature-count-is-boosted-and-link";

    public string Kind => "trees";

    public bool CanSave(ITarget target) => target is TreeEnsembleTarget;

    public IReadOnlyDictionary<string, byte[]> Save(ITarget target)
    {
        using var scope = torch.NewDisposeScope();
        var trees = ((TreeEnsembleTarget)target).Ensemble;
        return new Dictionary<string, byte[]>
        {
            [TreesEntry] = SafeTensors.Write(new Dictionary<string, torch.Tensor>
            {
                [Sizes] = Integers([target.FeatureCount, trees.IsBoosted ? 1 : 0, (int)trees.Link]),
                [nameof(trees.Starts)] = torch.tensor(trees.Starts),
                [nameof(trees.Scores)] = Integers(trees.Scores),
                [nameof(trees.Roots)] = Integers(trees.Roots),
                [nameof(trees.Left)] = Integers(trees.Left),
                [nameof(trees.Right)] = Integers(trees.Right),
                [nameof(trees.Features)] = Integers(trees.Features),
                [nameof(trees.Thresholds)] = torch.tensor(trees.Thresholds),
                [nameof(trees.CategoryStarts)] = Integers(trees.CategoryStarts),
                [nameof(trees.Categories)] = Integers(trees.Categories),
                [nameof(trees.LeafValues)] = torch.tensor(trees.LeafValues),
            }),
        };

        static torch.Tensor Integers(int[] values) => torch.tensor(values).to(torch.int64);
    }

    public ITarget Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries)
    {
        using var scope = torch.NewDisposeScope();
        var saved = SafeTensors.Read(SavedEntries.Find(entries, TreesEntry));
        if (Integers(Sizes) is not [var features, var isBoosted, var link] || isBoosted is not (0 or 1))
            throw new FormatException("The saved hardness factors are damaged: the trees lack their sizes.");
        var trees = new TreeEnsemble
        {
            IsBoosted = isBoosted == 1,
            Link = (TreeLink)link,
            Starts = Numbers(nameof(TreeEnsemble.Starts)),
            Scores = Integers(nameof(TreeEnsemble.Scores)),
            Roots = Integers(nameof(TreeEnsemble.Roots)),
            Left = Integers(nameof(TreeEnsemble.Left)),
            Right = Integers(nameof(TreeEnsemble.Right)),
            Features = Integers(nameof(TreeEnsemble.Features)),
            Thresholds = Numbers(nameof(TreeEnsemble.Thresholds)),
            CategoryStarts = Integers(nameof(TreeEnsemble.CategoryStarts)),
            Categories = Integers(nameof(TreeEnsemble.Categories)),
            LeafValues = Numbers(nameof(TreeEnsemble.LeafValues)),
        };
        return trees.FindFlaw(features) is { } flaw
            ? throw new FormatException($"The saved hardness factors are damaged: of the trees, {flaw}.")
            : new TreeEnsembleTarget(trees, features);

        int[] Integers(string name) => Array.ConvertAll(Find(name, torch.ScalarType.Int64).data<long>().ToArray(), Convert.ToInt32);

        float[] Numbers(string name) => Find(name, torch.ScalarType.Float32).data<float>().ToArray();

        torch.Tensor Find(string name, torch.ScalarType type) => saved.TryGetValue(name, out var tensor) && tensor.dtype == type && tensor.shape.Length == 1
            ? tensor
            : throw new FormatException($"The saved hardness factors are damaged: the trees have no '{name}' of type {type}.");
    }
}
