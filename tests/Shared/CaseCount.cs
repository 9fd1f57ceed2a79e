using System.Globalization;

namespace Unlearn.Tests;

/// <summary>How often a test tries something: a handful in every test run, more where an environment variable asks for it.</summary>
internal static class CaseCount
{
    /// <summary>The number that a variable holds.</summary>
    /// <param name="variable">The variable, such as <c>UNLEARN_STOPS</c>.</param>
    /// <param name="usual">The number without it.</param>
    /// <exception cref="FormatException">The variable holds no number of 1 or more.</exception>
    public static int Of(string variable, int usual) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => usual,
        var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"{variable} is '{text}': give a number of 1 or more."),
    };
}
