using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>A request to unlearn: the rows to forget, and the trained model that must forget them.</summary>
public sealed class UnlearningRequest
{
    private readonly Lazy<int[]> _retained;

    /// <summary>Creates a request.</summary>
    /// <param name="target">The model that was trained on all rows.</param>
    /// <param name="recipe">How the target was trained.</param>
    /// <param name="rows">All rows that the target was trained on.</param>
    /// <param name="forget">Positions of the rows to forget: at least one, not all, none twice.</param>
    /// <param name="seed">Seed of every random draw of the algorithm.</param>
    /// <exception cref="ArgumentException">
    /// The rows to forget are none or all, a row occurs twice, a position is outside the rows, or the rows' classes are in another order than the
    /// target's classes.
    /// </exception>
    public UnlearningRequest(ITarget target, ITrainingRecipe recipe, TrainingRows rows, IReadOnlyList<int> forget, long seed)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(forget);
        ClassOrder.CheckSame(target.ClassNames, rows, nameof(rows));
        if (forget.Count == 0)
            throw new ArgumentException("The forget set is empty: name at least one row to forget.", nameof(forget));
        if (forget.Count >= rows.Count)
            throw new ArgumentException($"The forget set holds all {rows.Count} rows: no row would be left to retain.", nameof(forget));

        var isForgotten = new bool[rows.Count];
        foreach (var position in forget)
        {
            if ((uint)position >= (uint)rows.Count)
                throw new ArgumentException($"The forget set names position {position}, but there are {rows.Count} rows.", nameof(forget));
            if (isForgotten[position])
                throw new ArgumentException($"The forget set names row '{rows.Ids[position]}' twice.", nameof(forget));
            isForgotten[position] = true;
        }
        Target = target;
        Recipe = recipe;
        Rows = rows;
        Forget = [.. forget.Order()];
        _retained = new(() => [.. Enumerable.Range(0, rows.Count).Where(position => !isForgotten[position])]);
        Seed = seed;
    }

    /// <summary>The model that was trained on all rows. Never change it.</summary>
    public ITarget Target { get; }

    /// <summary>How the target was trained.</summary>
    public ITrainingRecipe Recipe { get; }

    /// <summary>All rows that the target was trained on.</summary>
    public TrainingRows Rows { get; }

    /// <summary>Positions of the rows to forget, ascending.</summary>
    public IReadOnlyList<int> Forget { get; }

    /// <summary>Positions of all other rows, ascending.</summary>
    public IReadOnlyList<int> Retained => _retained.Value;

    /// <summary>Seed of every random draw of the algorithm.</summary>
    public long Seed { get; }

    /// <summary>
    /// Called after each step of an unlearner that changes the target step by step: with the number of the finished step, from 1, and a function that
    /// computes p_y, in [0, 1], of the rows to forget under the current model, in the order of <see cref="Forget"/>. The observer may call the
    /// function until it returns; without a call, nothing is computed. It does not change the result.
    /// </summary>
    /// <value>Default <see langword="null"/>: nobody watches.</value>
    public Action<int, Func<IReadOnlyList<double>>>? AfterStep { get; init; }

    /// <summary>
    /// Called when an unlearner has made the model that it starts from, such as SISA's first ensemble. Work before this call does not count as unlearning.
    /// An unlearner that starts from the target never calls it. In a batch, it is called for each request when the models of all requests are made.
    /// May be <see langword="null"/>.
    /// </summary>
    /// <value>Default <see langword="null"/>.</value>
    public Action? AfterPreparation { get; init; }

    /// <summary>Calls <see cref="AfterStep"/>; unlearners use it after each step.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="model">The model after the step, ready to compute logits.</param>
    public void ShowStep(int step, ITarget model)
    {
        ArgumentNullException.ThrowIfNull(model);
        AfterStep?.Invoke(step, () => ModelAnswers.Of(model, Rows, [.. Forget]).Confidences);
    }

    /// <summary>Target and recipe as Torch types, for algorithms that change parameters.</summary>
    /// <exception cref="ArgumentException">The target or the recipe is of another type.</exception>
    internal (TorchTarget Target, TorchRecipe Recipe) Torch(string unlearner) => (Target, Recipe) is (TorchTarget target, TorchRecipe recipe)
        ? (target, recipe)
        : throw new ArgumentException($"Unlearner {unlearner} changes a Torch module's parameters, but the target is a {Target.GetType().Name} trained by a "
            + $"{Recipe.GetType().Name}: use EU or SISA, which only train.");

    /// <summary>What keeps an unlearner that changes a Torch module from models of a recipe; <see langword="null"/> if nothing does.</summary>
    internal static string? TorchRefusal(string unlearner, ITrainingRecipe recipe) => recipe is TorchRecipe ? null
        : $"Unlearner {unlearner} changes a Torch module's parameters, but the target is to be trained by a {recipe.GetType().Name}: "
            + "use EU or SISA, which only train.";
}
