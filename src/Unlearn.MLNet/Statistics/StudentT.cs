namespace Unlearn.MLNet.Statistics;

/// <summary>Student's t distribution. With t = √ν tan θ, its density is cos^(ν − 1) θ, scaled to 1 over −π/2 to π/2.</summary>
internal static class StudentT
{
    private const int Steps = 2000;

    /// <summary>Half the width of the 95 % interval of a mean, in standard errors: the 0.975 quantile, to about 1e-5.</summary>
    /// <param name="degreesOfFreedom">ν, from 1: one less than the number of values.</param>
    /// <exception cref="ArgumentOutOfRangeException">ν is below 1.</exception>
    public static double Quantile975(int degreesOfFreedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degreesOfFreedom, 1);
        var half = Area(degreesOfFreedom, Math.PI / 2);
        var (low, high) = (0.0, Math.PI / 2);
        for (var i = 0; i < 50; i++)
        {
            var middle = (low + high) / 2;
            if (Area(degreesOfFreedom, middle) < 0.95 * half)
                low = middle;
            else
                high = middle;
        }
        return Math.Sqrt(degreesOfFreedom) * Math.Tan((low + high) / 2);
    }

    /// <summary>Integral of cos^(ν − 1) from 0 to an angle, but for a factor that is the same for all angles; by the midpoint rule.</summary>
    private static double Area(int degreesOfFreedom, double angle)
    {
        var sum = 0.0;
        for (var i = 0; i < Steps; i++)
            sum += Math.Pow(Math.Cos(angle * (i + 0.5) / Steps), degreesOfFreedom - 1);
        return sum * angle;
    }
}
