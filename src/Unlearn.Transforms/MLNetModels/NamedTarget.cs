namespace Unlearn.Transforms.MLNetModels;

/// <summary>Targets of this library that get class names after their creation.</summary>
internal static class NamedTarget
{
    /// <summary>Gives a target of ours the names of its classes.</summary>
    public static ITarget Of(ITarget target, IReadOnlyList<string>? names)
    {
        switch (target)
        {
            case TorchTarget torch:
                torch.ClassNames = names;
                break;
            case TreeEnsembleTarget trees:
                trees.ClassNames = names;
                break;
            case MLNetTarget model:
                model.ClassNames = names;
                break;
        }
        return target;
    }
}
