using Unlearn.Transforms;

namespace Unlearn.Conformance;

/// <summary>A recipe to check, with rows to train on.</summary>
public sealed record RecipeSubject
{
    /// <summary>Creates the recipe, the same one each time.</summary>
    public required Func<ITrainingRecipe> CreateRecipe { get; init; }

    /// <summary>Recipes of the same kind that differ from it and from each other in an option that changes what is trained.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<ITrainingRecipe> Variants { get; init; } = [];

    /// <summary>Rows to train on, at least 10.</summary>
    public required TrainingRows Rows { get; init; }
}
