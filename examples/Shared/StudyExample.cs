using System.CommandLine;
using Unlearn.Cli.Models;
using Unlearn.Cli.Studies;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples;

/// <summary>What a study of one data set has of its own; the rest is <see cref="StudyProgram"/>'s.</summary>
internal abstract class StudyExample
{
    /// <summary>What it does, for the help.</summary>
    public abstract string Description { get; }

    /// <summary>What the data are: a file or folder, and its format, for the help.</summary>
    public abstract string DataDescription { get; }

    /// <summary>Where the data are by default.</summary>
    public abstract string DefaultData { get; }

    /// <summary>Training rows, all of them audited.</summary>
    public abstract BySize<int> Rows { get; }

    /// <summary>Test rows.</summary>
    public abstract BySize<int> TestRows { get; }

    /// <summary>Names of the unlearners, separated by commas.</summary>
    public virtual BySize<string> Unlearners { get; } = new(UnlearnerNames.Seven, UnlearnerNames.Seven, UnlearnerNames.Seven);

    /// <summary>The unlearners of a command line that names none.</summary>
    public virtual string UnlearnersOf(ParseResult parsed, StudySize size) => Unlearners.Of(size);

    /// <summary>Trials of an unlearner: an even number each.</summary>
    public virtual BySize<int> TrialsOf(IUnlearner unlearner) => TrialCounts.Of(unlearner);

    /// <summary>Rows that some unlearners also forget one at a time; 0 for none.</summary>
    public virtual BySize<int> SingleRows { get; } = new(0, 300, 0);

    /// <summary>The unlearners that forget single rows, those of them that the study has: cheap ones, since each row takes two trials.</summary>
    public virtual IReadOnlyList<string> SingleRowUnlearners { get; } = ["FT", "NegGrad+"];

    /// <summary>Options of its own, beside those of every study.</summary>
    public virtual IReadOnlyList<Option> Options => [];

    /// <summary>Beginning of the output folder's name: one for each choice of options that changes the trials.</summary>
    public abstract string OutputName(ParseResult parsed);

    /// <summary>The factors, without those of tier T3; <see langword="null"/> for those that the target can give.</summary>
    public virtual IReadOnlyList<IHardnessFactor>? Factors(StudySettings settings) => StudyFactorSets.OfTraining();

    /// <summary>Reads the rows.</summary>
    /// <exception cref="IOException">The data are not there: the message says where to get them and in which format.</exception>
    /// <exception cref="InvalidDataException">The data are damaged or in another format.</exception>
    /// <exception cref="ArgumentException">The data have fewer rows than were asked for.</exception>
    public abstract StudyData Load(StudySettings settings);

    /// <summary>How the target is trained.</summary>
    public abstract ITrainingRecipe Recipe(StudySettings settings, StudyData data);
}
