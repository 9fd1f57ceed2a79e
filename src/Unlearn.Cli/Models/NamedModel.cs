using Unlearn.Transforms;

namespace Unlearn.Cli.Models;

/// <summary>A kind of model that has a name on the command line.</summary>
internal abstract class NamedModel
{
    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>What it is, for the help.</summary>
    public abstract string Description { get; }

    /// <summary>Whether it reads words one after the other, and not features.</summary>
    public virtual bool ReadsWords => false;

    /// <summary>Whether it reads images alone.</summary>
    public virtual bool ReadsImages => false;

    /// <summary>Whether other processes can train it by what a recipe says of itself.</summary>
    public virtual bool TrainsElsewhere => true;

    /// <summary>Names of the unlearners that a study of it has by default: <see langword="null"/> for those of its size.</summary>
    public virtual string? Unlearners => null;

    /// <summary>The factors of a study, without those of tier T3; <see langword="null"/> for those that the target can give.</summary>
    public virtual IReadOnlyList<IHardnessFactor>? Factors(ModelInput input) =>
        StudyFactorSets.OfTraining(input.Vocabulary == 0 && input.Features <= StudyFactorSets.MostFeaturesOfSteinMarginal);

    /// <summary>How it is trained.</summary>
    /// <exception cref="ArgumentException">It cannot be made for such rows, or has no such setting.</exception>
    public abstract ITrainingRecipe Recipe(ModelInput input, ModelSettings settings);
}
